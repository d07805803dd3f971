"""The pages of users: the list, and one user with devices and story."""

from __future__ import annotations

from functools import partial

from flask import Response
from pydantic import Field

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import query_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.people import devices, nicknames
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.lookup_limits import masks_more
from wxlogin.admin.paging import MAX_LIMIT, PageQuery
from wxlogin.admin.users import service, timeline
from wxlogin.admin.users.schemas import USERS, UserQuery
from wxlogin.guard.admin_gate import is_allowed, permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.services import services


class StoryQuery(PageQuery):
    """Selects a page of a user's story, which stands beside other things."""

    limit: int = Field(20, ge=1, le=MAX_LIMIT)


@console.get("/users")
@permitted("users.read")
@audited_read("user.list")
def users() -> str:
    """List the newest users."""
    query, directory, narrow = list_query(UserQuery), services.accounts.directory, masks_more()
    after = query.position(int)
    found = service.list_users(directory, query, query.limit, after, narrow=narrow).page()
    return page(
        "users",
        people=found,
        devices=devices(one.id for one in found.items),
        total=service.count_users(directory, query),
        query=query,
        apps=services.accounts.apps.all().values(),
    )


@console.post("/users.csv")
@permitted("users.read")
def users_csv() -> Response:
    """Return the users of a page's filter as a file."""
    query, narrow = list_query(UserQuery), masks_more()
    read = partial(service.list_users, services.accounts.directory, query, narrow=narrow)
    return list_file(USERS, query, read, services.watch, services.limits.rates)


@console.get("/users/<id>")
@permitted("users.read")
@audited_read("user.read")
def user(id: str) -> str:  # noqa: A002  the API's word
    """Show one user, with devices and story."""
    directory, store = services.accounts.directory, services.sessions.store
    told, query = services.watch.timeline, query_data(StoryQuery)
    may_see_acts = is_allowed("audit.read")
    person = service.show(directory, store, services.watch.acts, id, narrow=masks_more())
    return page(
        "user",
        person=person,
        has_avatar=is_allowed("users.avatar") and _has_avatar(id),
        names=nicknames(one.id for one in person.linked),
        sessions=service.list_sessions(directory, store, id, PageQuery(limit=MAX_LIMIT)).items,
        latest_end=timeline.latest_end(told, directory, store, id),
        timeline=timeline.list_timeline(told, directory, store, id, query, acts=may_see_acts),
    )


def _has_avatar(user: str) -> bool:
    accounts = services.accounts
    return bool(accounts.avatars.url_of(accounts.directory.stored_profiles([user]).get(user)))
