"""What is shown of users: masked, found by whole values alone."""

from __future__ import annotations

from datetime import UTC, datetime

from wxlogin.accounts import masks
from wxlogin.accounts.bans import Ban
from wxlogin.accounts.people import Person, Turn
from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.schemas.sessions import LiveItem
from wxlogin.admin.schemas.users import (
    BanShown,
    LinkedUser,
    LoginItem,
    SearchBody,
    UserAnswer,
    UserItem,
)
from wxlogin.admin.service.sessions import live_item
from wxlogin.admin.service.times import iso_or_none, iso_time
from wxlogin.engines import Engines
from wxlogin.models import LoginRecord

MOST_FOUND = 200
"""One phone number is in use by so many users at most, as a search shows them."""
LAST_SECOND = 253_402_300_799


def newest(engines: Engines, query: PageQuery) -> Page[UserItem]:
    """A page of all users, those who came last first."""
    position = query.position(int)
    people = engines.people.newest(query.limit + 1, int(position[0]) if position else None)
    return page(people, query.limit, item, lambda person: (person.row_id,))


def search(engines: Engines, body: SearchBody) -> Page[UserItem]:
    """The users of an id, an openid or a phone number, across all mini-programs."""
    if body.id is not None:
        found = engines.people.of_id(body.id)
    elif body.openid is not None:
        found = engines.people.of_openid(body.openid)
    else:
        found = engines.people.of_phone(body.phone or "", MOST_FOUND)
    return Page(items=[item(person) for person in found], next=None)


def show(engines: Engines, user: str) -> UserAnswer:
    """One user; NOT_FOUND for an unknown id."""
    person = engines.people.get(user)
    latest = engines.people.logins(person, 1)
    return UserAnswer(
        **item(person).model_dump(),
        unionid=masks.masked_id(person.unionid),
        profile=masks.masked_profile(person.profile),
        region=latest[0].region if latest else None,
        devices=len(engines.sessions.list(user)),
        linked=[LinkedUser(id=one.id, app=one.appid) for one in engines.people.linked(person)],
    )


def sessions(engines: Engines, user: str, query: PageQuery) -> Page[LiveItem]:
    """A page of a user's live sessions, newest first."""
    position = query.position(int, str)
    engines.people.get(user)
    listed = engines.sessions.list(user)
    rows = [one for one in listed if position is None or (one.created, one.sid) < position]
    return page(rows, query.limit, live_item, lambda one: (one.created, one.sid))


def logins(engines: Engines, user: str, query: PageQuery) -> Page[LoginItem]:
    """A page of a user's logins, newest first."""
    position = query.position(int, int)
    turn = None
    if position:
        at = min(max(int(position[0]), 0), LAST_SECOND)
        turn = Turn(datetime.fromtimestamp(at, UTC), int(position[1]))
    records = engines.people.logins(engines.people.get(user), query.limit + 1, turn)
    return page(records, query.limit, login, lambda row: (int(row.at.timestamp()), row.id))


def item(person: Person) -> UserItem:
    """A user, masked."""
    return UserItem(
        id=person.id,
        app=person.appid,
        openid=masks.masked_id(person.openid),
        phone=masks.masked_phone(person.phone),
        ban=ban_shown(person.ban),
        created_at=iso_time(person.created_at),
        last_login_at=iso_time(person.last_login_at),
    )


def ban_shown(ban: Ban | None) -> BanShown | None:
    """A ban, if there is one."""
    if ban is None:
        return None
    return BanShown(reason=ban.reason, until=iso_or_none(ban.until))


def login(row: LoginRecord) -> LoginItem:
    """A login of the history."""
    return LoginItem(
        id=str(row.id),
        at=iso_time(row.at),
        session=row.session_id,
        ip=row.ip,
        region=row.region,
        platform=row.platform,
        device_name=row.device_name or None,
    )
