"""Listing, finding and showing users: masked, and found by whole values only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from wxlogin import errors
from wxlogin.accounts import masks
from wxlogin.accounts.bans import Ban
from wxlogin.accounts.personal_data import ban_item, login_item
from wxlogin.accounts.user_directory import LoginCursor, UserDirectory, UserProfile, WantedUsers
from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.paging import Page, PageQuery, Part, Position, page, part, row_id
from wxlogin.admin.sessions.schemas import LiveItem
from wxlogin.admin.sessions.service import live_item
from wxlogin.admin.times import iso_time
from wxlogin.admin.users.schemas import (
    BanShown,
    LinkedUser,
    LoginItem,
    SearchBody,
    UserAnswer,
    UserItem,
    UserQuery,
)
from wxlogin.errors import ApiError
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.models import LoginRecord
from wxlogin.services import Watch
from wxlogin.sessions import SessionStore
from wxlogin.watch.audit_acts import ActFilter, AuditActs

MAX_FOUND = 200
"""A search shows at most this many users of one phone number."""
LAST_SECOND = 253_402_300_799


def list_users(
    directory: UserDirectory,
    query: UserQuery,
    limit: int,
    after: Position | None,
    *,
    narrow: bool,
) -> Part[UserItem]:
    """Return up to `limit` users in the query's order; `narrow` masks more of them."""
    found = directory.list_newest(limit + 1, row_id(after), _wanted(query))
    return part(
        found,
        limit,
        lambda user: item(user, narrow=narrow),
        lambda user: (user.row_id,),
    )


def count_users(directory: UserDirectory, query: UserQuery) -> int:
    """Return how many users the query asks for, as `count_rows` counts."""
    return directory.count(_wanted(query))


def _wanted(query: UserQuery) -> WantedUsers:
    oldest_first = query.order == "oldest"
    return WantedUsers(query.app, query.banned, query.since, query.until, oldest_first)


def search(
    watch: Watch,
    rates: RateLimits,
    directory: UserDirectory,
    who: Requester,
    body: SearchBody,
    *,
    narrow: bool,
) -> Page[UserItem]:
    """Return the users of an id, openid, phone number or external id, in all mini-programs.

    The search counts towards the limit of `who`, and the trail does not hold the value that was
    searched for. FORBIDDEN for a phone number unless `who` may: the search would tell what the mask
    hides.
    """
    hit_lookup_limit(rates, watch.recorder, "search", who)
    by = next(iter(body.model_dump(exclude_none=True)))
    with watch.audit.act(who.actor, "user.search", f"by:{by}") as act:
        if body.phone is not None and not who.may_search_phone:
            raise ApiError(errors.FORBIDDEN, "Your role does not allow a search by phone number.")
        found = _find(directory, body)
        act.detail["found"] = len(found)
    return Page(items=[item(user, narrow=narrow) for user in found], next=None)


def _find(directory: UserDirectory, body: SearchBody) -> Sequence[UserProfile]:
    if body.id is not None:
        return directory.find_by_id(body.id)
    if body.openid is not None:
        return directory.find_by_openid(body.openid)
    if body.external_id is not None:
        return directory.find_by_external_id(body.external_id)
    return directory.find_by_phone(body.phone or "", MAX_FOUND)


def show(
    directory: UserDirectory, store: SessionStore, acts: AuditActs, user_id: str, *, narrow: bool
) -> UserAnswer:
    """Return one user; NOT_FOUND for an unknown id."""
    user = directory.get(user_id)
    latest = directory.list_logins(user, 1)
    return UserAnswer(
        **item(user, narrow=narrow).model_dump(),
        **(_ban_act(acts, user_id) if user.ban else {}),
        unionid=masks.masked_id(user.unionid),
        person=user.person,
        kept_apart=user.kept_apart,
        external_id=user.external_id,
        profile=masks.masked_profile(user.profile),
        region=latest[0].region if latest else None,
        risk_rank=user.risk_rank,
        devices=len(store.list(user_id)),
        linked=[LinkedUser(id=one.id, app=one.appid) for one in directory.list_linked(user)],
    )


def _ban_act(acts: AuditActs, user_id: str) -> dict[str, str]:
    """Return who banned a user and when, by the audit trail; nothing if it does not know."""
    wanted = ActFilter(act="user.ban", target=f"user:{user_id}", outcome="done")
    found = acts.page(1, wanted=wanted)
    if not found:
        return {}
    entry = found[0].entry
    return {"banned_by": entry.actor, "banned_at": iso_time(entry.at)}


def list_sessions(
    directory: UserDirectory, store: SessionStore, user_id: str, query: PageQuery
) -> Page[LiveItem]:
    """Return a page of a user's live sessions, newest first; NOT_FOUND for an unknown id."""
    position = query.position(int, str)
    directory.get(user_id)
    rows = [
        session
        for session in store.list(user_id)
        if position is None or (session.created, session.sid) < position
    ]
    return page(rows, query.limit, live_item, lambda session: (session.created, session.sid))


def list_logins(directory: UserDirectory, user_id: str, query: PageQuery) -> Page[LoginItem]:
    """Return a page of a user's logins, newest first; NOT_FOUND for an unknown id."""
    position = query.position(int, int)
    last = None
    if position:
        at = min(max(int(position[0]), 0), LAST_SECOND)
        last = LoginCursor(datetime.fromtimestamp(at, UTC), int(position[1]))
    records = directory.list_logins(directory.get(user_id), query.limit + 1, last)
    return page(records, query.limit, login, lambda row: (int(row.at.timestamp()), row.id))


def item(user: UserProfile, *, narrow: bool) -> UserItem:
    """Return a user as lists show them, masked; `narrow` masks more."""
    return UserItem(
        id=user.id,
        app=user.appid,
        nickname=masks.masked_nickname(user.profile),
        openid=masks.masked_id(user.openid),
        phone=masks.masked_phone(user.phone, narrow=narrow),
        ban=ban_shown(user.ban),
        created_at=iso_time(user.created_at),
        last_login_at=iso_time(user.last_login_at),
    )


def ban_shown(ban: Ban | None) -> BanShown | None:
    """Return a ban as the API shows it, None if there is none."""
    return BanShown(**ban_item(ban)) if ban else None


def login(row: LoginRecord) -> LoginItem:
    """Return a login of the history as the API shows it."""
    return LoginItem(**login_item(row))
