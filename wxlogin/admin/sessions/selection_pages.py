"""The page that asks before several sessions end at once; it names their number."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.notices import sessions_ended
from wxlogin.admin.console.selection import ask_about, kept_selection, selected_ids
from wxlogin.admin.sessions import service
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services
from wxlogin.sessions.live import parse_handle


def sessions_page(_selection: str = "") -> str:
    """Return the URL of the list."""
    return url_for("console.sessions")


def _count(selection: str) -> str:
    number = len(kept_selection(selection))
    return str(ngettext("%(num)s session", "%(num)s sessions", number))


def _about(selection: str) -> dict[str, Any]:
    number = len(_users(kept_selection(selection)))
    text = ngettext("They are of %(num)s user.", "They are of %(num)s users.", number)
    return {"about": [text]}


def _users(handles: list[str]) -> list[str]:
    return list(dict.fromkeys(named[0] for one in handles if (named := parse_handle(one))))


@console.post("/sessions/selected")
@permitted("sessions.end")
def select_sessions() -> Response:
    """Lead to the page that asks before the ticked sessions end, or their users are banned."""
    handles = selected_ids()
    if request.form.get("act") == "ban":
        return ask_about("console.ask_ban_selected", _users(handles), sessions_page())
    return ask_about("console.ask_end_selected", handles, sessions_page())


@action(
    "/sessions/selected/<selection>/end",
    "sessions.end",
    Subject(name=_count, back=sessions_page),
    Question(
        _("End %(name)s?"),
        _("The mini-program there is signed out with its next request."),
        _("End the sessions"),
        context=_about,
    ),
)
def end_selected(selection: str) -> Response:
    """End several sessions."""
    store, handles = services.sessions.store, kept_selection(selection)
    ended = service.end_each(services.watch.audit, store, actor(), handles)
    return sessions_ended(sessions_page(), ended.ended)
