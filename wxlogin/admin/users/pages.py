"""The pages of users: the list, the search, and one user with devices, logins and events."""

from __future__ import annotations

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data, query_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.events.schemas import EventQuery
from wxlogin.admin.events.service import list_events
from wxlogin.admin.paging import MAX_LIMIT, PageQuery
from wxlogin.admin.users import service
from wxlogin.admin.users.lookup_limits import current_requester, masks_more
from wxlogin.admin.users.schemas import SearchBody
from wxlogin.guard.admin_gate import permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.services import services

LATEST_EVENTS = 10
"""How many events a user's page shows."""


@console.get("/users")
@permitted("users.read")
@audited_read("user.list")
def users() -> str:
    """List the newest users, and offer the search."""
    query = query_data(PageQuery)
    found = service.list_users(services.accounts.directory, query, narrow=masks_more())
    return page("users", people=found, searched=False)


@console.post("/users")
@permitted("users.read")
def search_users() -> str:
    """Show the users of an id, openid, phone number or external id, which no URL contains."""
    found = service.search(
        services.watch,
        services.limits.rates,
        services.accounts.directory,
        current_requester(),
        form_data(SearchBody),
        narrow=masks_more(),
    )
    return page("users", people=found, searched=True)


@console.get("/users/<id>")
@permitted("users.read")
@audited_read("user.read")
def user(id: str) -> str:  # noqa: A002  the API's word
    """Show one user, with devices, logins and events."""
    directory, store = services.accounts.directory, services.sessions.store
    latest = EventQuery(user=id, limit=LATEST_EVENTS)
    return page(
        "user",
        person=service.show(directory, store, id, narrow=masks_more()),
        sessions=service.list_sessions(directory, store, id, PageQuery(limit=MAX_LIMIT)).items,
        logins=service.list_logins(directory, id, query_data(PageQuery)),
        events=list_events(services.watch.recorder.log, latest).items,
    )
