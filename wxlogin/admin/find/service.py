"""Finds whatever an operator was told: tries each kind of id whose form the text has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wxlogin import errors
from wxlogin.accounts import Apps, UserDirectory
from wxlogin.accounts.phone_numbers import readings
from wxlogin.accounts.user_directory import UserProfile
from wxlogin.admin.find.schemas import By, FindAnswer, FindItem, KeptAnswer, KeptItem
from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.users.schemas import TimelineItem
from wxlogin.admin.users.timeline import sessions_named, story_item
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import VALID_REQUEST_ID
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.services import Watch
from wxlogin.sessions import SessionStore
from wxlogin.sessions.live import parse_handle
from wxlogin.watch.lookup import FoundSession
from wxlogin.watch.timeline import Entry, Position, Source, Timeline

RANDOM_ID = re.compile(r"[A-Za-z0-9_-]{22}")
OWN_ID = re.compile(r"[\x21-\x7e]{1,64}")
OPENID = re.compile(r"[\x21-\x7e]{1,128}")
PHONE_DIGITS = 7
"""A number of so many digits is taken for a phone number, of whoever may not search for one."""
MOST_USERS = 50


class Where(NamedTuple):
    """Where is looked; `acts`: also among what operators did."""

    watch: Watch
    apps: Apps
    directory: UserDirectory
    store: SessionStore
    acts: bool


def find(where: Where, rates: RateLimits, who: Requester, text: str) -> FindAnswer:
    """Return what a text means; it counts towards the limit of `who`, and no trail holds it.

    FORBIDDEN for a phone number unless `who` may search by one: that would tell what the mask
    hides.
    """
    hit_lookup_limit(rates, where.watch.recorder, "search", who)
    with where.watch.audit.act(who.actor, "find", "find") as act:
        items = list(_find(where, text.strip(), phone=who.may_search_phone))
        act.detail["found"] = len(items)
        if not items and not who.may_search_phone and _is_phone(text):
            raise ApiError(errors.FORBIDDEN, "Your role does not allow a search by phone number.")
    return FindAnswer(items=items)


def to_keep(answer: FindAnswer) -> str:
    """Return what is kept of an answer: a user may be erased before it is shown."""
    return KeptAnswer.model_validate(answer.model_dump()).model_dump_json()


def show_again(where: Where, kept: str) -> list[FindItem]:
    """Return what is known by now of what was found."""
    items = KeptAnswer.model_validate_json(kept).items
    return [found for item in items for found in _again(where, item)]


def _again(where: Where, item: KeptItem) -> Iterator[FindItem]:
    if item.kind == "app":
        yield from _apps(where, item.id)
    elif item.kind == "user":
        yield from _users(where.directory.find_by_id(item.id), item.found_by or "id")
    elif item.kind == "session":
        yield from _sessions(where, item.id)
    elif item.kind == "request":
        yield from _requests(where, item.id)
    else:
        yield from _addresses(where, item.id)


def _find(where: Where, text: str, *, phone: bool) -> Iterator[FindItem]:
    directory = where.directory
    yield from _apps(where, text)
    if RANDOM_ID.fullmatch(text):
        yield from _users(directory.find_by_id(text), "id")
    yield from _sessions(where, text)
    if OPENID.fullmatch(text):
        yield from _users(directory.find_by_openid(text), "openid")
    if OWN_ID.fullmatch(text):
        yield from _users(directory.find_by_external_id(text)[:MOST_USERS], "external_id")
    if phone and readings(text):
        yield from _users(directory.find_by_phone(text, MOST_USERS), "phone")
    yield from _requests(where, text)
    yield from _addresses(where, text)


def _apps(where: Where, text: str) -> Iterator[FindItem]:
    if app := where.apps.all().get(text):
        yield FindItem(kind="app", id=app.appid, app=app.appid, name=app.name)


def _users(found: Sequence[UserProfile], by: By) -> Iterator[FindItem]:
    for user in found:
        yield FindItem(
            kind="user",
            id=user.id,
            user=user.id,
            app=user.appid,
            found_by=by,
            banned=user.ban is not None,
        )


def _sessions(where: Where, text: str) -> Iterator[FindItem]:
    meant = parse_handle(text)
    sid = meant[1] if meant else text
    if not RANDOM_ID.fullmatch(sid):
        return
    found = where.watch.lookup.session(sid)
    if found and found.end is None:
        where.watch.timeline.write_ends_of(found.user)
        found = where.watch.lookup.session(sid)
    if found is None or (meant and meant[0] != found.user):
        return
    live = any(session.sid == sid for session in where.store.list(found.user))
    entries = _of_session(where.watch.timeline, found, live=live)
    story = _story(where.watch.timeline, entries, [found.user] * len(entries))
    yield FindItem(
        kind="session",
        id=sid,
        user=found.user,
        live=live,
        why=next((item.why for item in story if item.why), None),
        story=story,
    )


def _of_session(timeline: Timeline, found: FoundSession, *, live: bool) -> list[Entry]:
    """Return the end and the login of a session, as far as they are known."""
    login, end = found.login, found.end
    entries = []
    if end:
        entries.append(Entry(Position(int(end.at.timestamp()), Source.END, end.id), end))
    elif login and not live and (expired := timeline.expiry(login)):
        entries.append(expired)
    if login:
        place = Position(int(login.at.timestamp()), Source.LOGIN, login.id)
        entries.append(Entry(place, login))
    return entries


def _requests(where: Where, text: str) -> Iterator[FindItem]:
    if not VALID_REQUEST_ID.fullmatch(text):
        return
    found = where.watch.lookup.request(text, acts=where.acts)
    if found.entries:
        story = _story(where.watch.timeline, found.entries, found.whose)
        yield FindItem(kind="request", id=text, users=found.users, story=story)


def _addresses(where: Where, text: str) -> Iterator[FindItem]:
    try:
        address = str(ipaddress.ip_address(text))
    except ValueError:
        return
    found = where.watch.lookup.address(address)
    if found.entries:
        region = where.watch.regions.of(address)
        yield FindItem(
            kind="address",
            id=address,
            region=region.text if region else None,
            users=found.users,
            story=_story(where.watch.timeline, found.entries, found.whose),
        )


def _story(
    timeline: Timeline, entries: Sequence[Entry], whose: Sequence[str | None]
) -> list[TimelineItem]:
    logins = timeline.logins_of(sessions_named(entries))
    return [
        story_item(entry, logins).model_copy(update={"user": user})
        for entry, user in zip(entries, whose, strict=True)
    ]


def _is_phone(text: str) -> bool:
    return bool(readings(text)) and sum(one.isdigit() for one in text) >= PHONE_DIGITS
