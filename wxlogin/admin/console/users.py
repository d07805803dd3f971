"""Users: the newest, those that a search finds, and one of them with all that is to be seen."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked, sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.paging import MOST_SHOWN, PageQuery
from wxlogin.admin.schemas.events import EventQuery
from wxlogin.admin.schemas.users import SearchBody
from wxlogin.admin.service import events as event_service
from wxlogin.admin.service import users as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted

LATEST = 10
"""How many events stand on a user's page."""


@console.get("/users")
@permitted("users.read")
def users() -> str:
    """List the newest users, and offer the search."""
    return page("users", people=service.newest(engines, asked(PageQuery)), searched=False)


@console.post("/users")
@permitted("users.read")
def search_users() -> str:
    """Show who has this id, openid or phone number; what was typed stands in no address."""
    return page("users", people=service.search(engines, sent(SearchBody)), searched=True)


@console.get("/users/<id>")
@permitted("users.read")
def user(id: str) -> str:  # noqa: A002  the API's word
    """Show one user, with devices, logins and events."""
    return page(
        "user",
        person=service.show(engines, id),
        sessions=service.sessions(engines, id, PageQuery(limit=MOST_SHOWN)).items,
        logins=service.logins(engines, id, asked(PageQuery)),
        events=event_service.events(EventQuery(user=id, limit=LATEST)).items,
    )
