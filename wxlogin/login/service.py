"""The login calls: sign in, sign out, sessions, WeChat's session_key.

A login goes to WeChat (`exchange`), then to SQL (`accounts`), then to Redis (`sessions`).
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, NamedTuple

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import MiniProgram, SessionRevocation, UserKeys
from wxlogin.accounts.errors import UserRisky
from wxlogin.accounts.first_logins import Rank, known
from wxlogin.accounts.nickname_checks import Visitor
from wxlogin.accounts.risk_ranks import NewUser
from wxlogin.accounts.user_refs import UserRef
from wxlogin.clock import Clock, iso, milliseconds
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import Caller
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.login.schemas import (
    AppHandle,
    Ended,
    ListedSession,
    LoginBody,
    SessionAnswer,
    SessionDetail,
    SessionKeyCheck,
    SessionKeyState,
    SessionList,
)
from wxlogin.services import Accounts, Sessions, Watch
from wxlogin.session_creation import LoginAnswer, NewSession, Person, create_session
from wxlogin.sessions import CodeMarks, Draft, Session, SessionKeys, SessionStore
from wxlogin.sessions.causes import Cause
from wxlogin.watch.events import RiskyLogin
from wxlogin.watch.recorder import Recorder
from wxlogin.watch.regions import Region
from wxlogin.wechat import NothingSent, WeChatClient, WeChatUser
from wxlogin.wechat.errors import CodeInvalid


class LoginRequest(NamedTuple):
    """A login: its body, the client's address, and the bearer token that came with it."""

    body: LoginBody
    address: str
    bearer: str | None


def sign_in(
    wechat: WeChatClient,
    accounts: Accounts,
    sessions: Sessions,
    rates: RateLimits,
    watch: Watch,
    request: LoginRequest,
) -> LoginAnswer:
    """Exchange the code at WeChat, find or create the user, create the session.

    SQL commits before Redis writes: a user without a session is harmless.
    """
    app = accounts.apps.get_active(request.body.appid)
    person = exchange(wechat, sessions.codes, app, request.body.code)
    new = NewUser(app, person.openid, request.address, person.unionid)
    user, rank = _find_or_create(accounts, new, watch.recorder)
    bind_contextvars(user=user.public_id)
    if user.ban:
        raise user.ban.refusal
    # Before a limit or the device policy can refuse: the key is WeChat's newest in any case.
    limits = rates.windows(user.public_id, "login_openid")
    saved = sessions.keys.save(user.public_id, person.session_key, person.stamp, windows=limits)
    region = watch.regions.of(request.address)
    carried = sessions.tokens.peek(request.bearer)
    draft = _draft(request, app, region, user)
    session = NewSession(app, user, draft, carried=carried, sids=saved.sids, rank=rank)
    answer = create_session(accounts, sessions, watch, session, region)
    if user.nickname_unchecked:
        visitor = Visitor(user.public_id, app.credentials, person.openid)
        accounts.nickname_checks.check_later(visitor)
    return answer


def exchange(wechat: WeChatClient, codes: CodeMarks, app: MiniProgram, code: str) -> WeChatUser:
    """Exchange a code at WeChat, once: CODE_USED for one that was seen here."""
    bind_contextvars(app=app.appid)
    claim = codes.claim(app.appid, code)
    try:
        return wechat.code_to_session(*app.credentials, code)
    except NothingSent:
        codes.release(claim)
        raise


def renew_session_key(
    wechat: WeChatClient, accounts: Accounts, sessions: Sessions, caller: Caller, code: str
) -> SessionKeyState:
    """Keep the session_key that a fresh code gives; CODE_INVALID if it is another user's."""
    app = accounts.apps.get_active(caller.session.app)
    person = exchange(wechat, sessions.codes, app, code)
    owner = accounts.users.get(app, person.openid)
    if owner is None or owner.public_id != caller.session.user:
        raise CodeInvalid("The code is another user's. Call wx.login again.")
    accounts.persons.join(owner.public_id, owner.ids, person.unionid)
    saved = sessions.keys.save(caller.session.user, person.session_key, person.stamp)
    return SessionKeyState(fresh=True, expires_in=saved.expires_in)


def check_session_key(
    session_keys: SessionKeys, user_keys: UserKeys, caller: Caller
) -> SessionKeyCheck:
    """Return whether WeChat accepts the session_key; False if none is stored."""
    session = caller.session
    kept = session_keys.get(session.user)
    valid = kept is not None and user_keys.check(session.user, session.app, kept)
    return SessionKeyCheck(valid=valid)


def sign_out(
    store: SessionStore,
    revocation: SessionRevocation,
    caller: Caller,
    scope: Literal["current", "others", "all"],
) -> Ended:
    """End this session, the user's others, or all of them for good."""
    session, cause = caller.session, _signed_out_by(caller)
    if scope == "all":
        return Ended(ended=revocation.revoke_all(session.user, session.sid, cause))
    ending = "one" if scope == "current" else scope
    return Ended(ended=store.end(session.user, ending, session.sid, cause))


def end_session(store: SessionStore, caller: Caller, sid: str) -> Ended:
    """End one of the caller's sessions; NOT_FOUND for one that is not live or another user's."""
    ended = store.end(caller.session.user, "one", sid, _signed_out_by(caller))
    if not ended:
        raise ApiError(errors.NOT_FOUND, "You have no live session of this id.")
    return Ended(ended=ended)


def describe(clock: Clock, caller: Caller) -> SessionAnswer:
    """Return the caller's session, and whether a session_key is kept for its user."""
    left = max(0, caller.session_key_until - milliseconds(clock)) // 1000
    return SessionAnswer(
        user=Person(id=caller.session.user),
        app=AppHandle(appid=caller.session.app),
        session=SessionDetail(**_detail(caller.session)),
        session_key=SessionKeyState(fresh=left > 0, expires_in=left),
    )


def list_sessions(store: SessionStore, caller: Caller) -> SessionList:
    """Return the caller's live sessions, newest first; `current` is the caller's own."""
    return SessionList(
        sessions=[
            ListedSession(
                **_detail(session),
                current=session.sid == caller.session.current_sid,
                ip=session.ip,
                region=session.region or None,
            )
            for session in store.list(caller.session.user)
        ]
    )


def _find_or_create(accounts: Accounts, login: NewUser, recorder: Recorder) -> tuple[UserRef, Rank]:
    """Return the user, and at a first login the risk rank; UserRisky if that is too high."""
    user = accounts.users.get(login.app, login.openid)
    if user:
        ids = accounts.persons.join(user.public_id, user.ids, login.unionid)
        return user._replace(ids=ids), known(None)
    try:
        return accounts.first_logins.create(login)
    except UserRisky as refusal:
        event = RiskyLogin(address=login.address, app=login.app.appid, risk_rank=refusal.rank)
        recorder.record(event)
        raise


def _signed_out_by(caller: Caller) -> Cause:
    return Cause("signed_out", caller.session.current_sid)


def _draft(request: LoginRequest, app: MiniProgram, region: Region | None, user: UserRef) -> Draft:
    body = request.body
    device = hashlib.sha256(body.device_id.encode()).hexdigest()[:32] if body.device_id else ""
    return Draft(
        app=app.appid,
        platform=body.platform or "other",
        name=body.device_name or "",
        device=device,
        ip=request.address,
        region=region.text if region else "",
        ids=user.ids,
    )


def _detail(session: Session) -> dict[str, Any]:
    return {
        "id": session.sid,
        "platform": session.platform,
        "device_name": session.name or None,
        "created_at": iso(session.created),
        "last_seen_at": iso(session.seen),
        "expires_at": iso(session.expires),
        "max_expires_at": iso(session.deadline),
    }
