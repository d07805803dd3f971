"""What operators do with the deliveries of a webhook: a file of them, and sending again."""

from __future__ import annotations

from functools import partial

from flask import Response, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.notices import done
from wxlogin.admin.console.selection import ask_about, kept_selection, selected_ids
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.webhooks import service
from wxlogin.admin.webhooks.schemas import DeliveryQuery, deliveries_of
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services


def _page(webhook: str, _selection: str = "") -> str:
    return url_for("console.webhook", id=webhook)


def _count(_webhook: str, selection: str) -> str:
    number = len(kept_selection(selection))
    return str(ngettext("%(num)s delivery", "%(num)s deliveries", number))


@console.post("/webhooks/<id>/deliveries.csv")
@permitted("webhooks.read")
def deliveries_csv(id: str) -> Response:  # noqa: A002  the API's word
    """Return the deliveries of a page's filter as a file."""
    query = list_query(DeliveryQuery)
    read = partial(service.list_deliveries, services.webhooks, id, query)
    return list_file(deliveries_of(id), query, read, services.watch, services.limits.rates)


@console.post("/deliveries/<id>/replay")
@permitted("webhooks.write")
def replay_delivery(id: str) -> Response:  # noqa: A002  the API's word
    """Send a delivery once more."""
    service.replay(services.watch.audit, services.webhooks.history, actor(), id)
    return done(_page(request.form.get("webhook", "")), gettext("It is sent again."))


@console.post("/webhooks/<id>/selected")
@permitted("webhooks.write")
def select_deliveries(id: str) -> Response:  # noqa: A002  the API's word
    """Lead to the page that asks before the ticked deliveries are sent again."""
    return ask_about("console.ask_replay_selected", selected_ids(), _page(id), id=id)


@action(
    "/webhooks/<id>/selected/<selection>/replay",
    "webhooks.write",
    Subject(name=_count, back=_page),
    Question(
        _("Send %(name)s again?"),
        _("Each goes out once more with its ID and body; by the ID a receiver knows what it had."),
        _("Send again"),
        danger=False,
    ),
)
def replay_selected(webhook: str, selection: str) -> Response:
    """Send several deliveries once more."""
    audit, history, ids = services.watch.audit, services.webhooks.history, kept_selection(selection)
    sent = service.replay_each(audit, history, actor(), ids)
    text = ngettext("%(num)s delivery is sent again.", "%(num)s deliveries are sent again.", sent)
    return done(_page(webhook), text)
