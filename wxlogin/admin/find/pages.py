"""The search box of every page, and the page that shows what it found.

The text is sent as a form. One hit leads to its page; the page of several has a random address, so
that no address and no log holds the text, and Back works.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, url_for
from flask_babel import gettext

from wxlogin import errors
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import redirect_to
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.find import service
from wxlogin.admin.find.routes import here
from wxlogin.admin.find.schemas import FindBody, FindItem
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.errors import ApiError
from wxlogin.guard.admin_gate import permitted, signed_in
from wxlogin.guard.audited_reads import audited_read
from wxlogin.services import services


@console.get("/find")
@permitted("overview.read")
def find_page() -> str:
    """Say what can be found."""
    return page("find", found=None)


@console.post("/find")
@permitted("users.read")
def find() -> Response:
    """Find what a text means, and lead to it."""
    body = form_data(FindBody)
    found = service.find(here(), services.limits.rates, current_requester(), body.q)
    own = [_own_page(item) for item in found.items]
    if len(own) == 1 and own[0]:
        return redirect_to(own[0])
    name = services.operators.found.keep(signed_in().ref.sid, service.to_keep(found))
    return redirect_to(url_for("console.found", result=name))


@console.get("/find/<result>")
@permitted("users.read")
@audited_read("find.read")
def found(result: str) -> str:
    """Show what was found; NOT_FOUND once it is forgotten, or for another session."""
    kept = services.operators.found.get(signed_in().ref.sid, result)
    if kept is None:
        raise ApiError(errors.NOT_FOUND, gettext("This search is over. Please search again."))
    items = service.show_again(here(), kept)
    return page("find", found=items, names=nicknames(_users(items)))


def _users(items: Iterable[FindItem]) -> Iterator[str | None]:
    for item in items:
        yield item.user
        yield from item.users or []
        yield from (one.user for one in item.story or [])


def _own_page(item: FindItem) -> str:
    """Return the page of what was found, empty where the result itself is that page."""
    if item.kind == "app":
        return url_for("console.apps")
    if item.user and (item.kind == "user" or item.live):
        return url_for("console.user", id=item.user)
    return ""
