"""The login calls: sign in, sign out, sessions, WeChat's session_key.

A login goes to WeChat (`exchange`), then to SQL (`accounts`), then to Redis (`sessions`).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import Endings, MiniProgram, UserKeys
from wxlogin.accounts.users import UserRef
from wxlogin.clock import Clock, iso, milliseconds
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import Caller
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.login.schemas import (
    AppHandle,
    Ended,
    ListedSession,
    LoginAnswer,
    LoginBody,
    NewPerson,
    Person,
    SessionAnswer,
    SessionDetail,
    SessionHandle,
    SessionKeyCheck,
    SessionKeyState,
    SessionList,
    Signing,
)
from wxlogin.service_error import ServiceError
from wxlogin.services import Accounts, Sessions, Watch
from wxlogin.sessions import CodeMarks, Draft, Session, SessionKeys, SessionStore, TokenRef
from wxlogin.sessions.causes import Cause
from wxlogin.sessions.store import Created
from wxlogin.sessions.tokens import signing_key
from wxlogin.watch import travel
from wxlogin.watch.events import Event, SignedIn
from wxlogin.watch.recorder import Recorder
from wxlogin.watch.regions import Region
from wxlogin.wechat import NothingSent, WeChatClient, WeChatUser
from wxlogin.wechat.errors import CodeInvalid


class LoginRequest(NamedTuple):
    """A login: its body, the client's address, and the bearer token that came with it."""

    body: LoginBody
    address: str
    bearer: str | None


class NewSession(NamedTuple):
    """A session that was created, its token, and what that refers to."""

    token: str
    ref: TokenRef
    created: Created


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
    user = accounts.users.get_or_create(app, person.openid, person.unionid)
    bind_contextvars(user=user.public_id)
    if user.ban:
        raise user.ban.refusal
    # Before anything can refuse the login: the key is WeChat's newest in any case.
    limits = rates.windows(user.public_id, "login_openid")
    sessions.keys.save(user.public_id, person.session_key, person.stamp, windows=limits)
    region = watch.regions.of(request.address)
    draft = _draft(request, app, region, user)
    earlier = [] if user.is_new else watch.login_history.regions(user.id)
    made = _create_session(accounts, sessions, app, user, draft, request.bearer)
    session = made.created.session
    _record(watch.recorder, SignedIn(platform=draft.platform), session)
    for anomaly in travel.find_anomalies(earlier, region, session.created / 1000):
        _record(watch.recorder, anomaly, session)
    return _answer(user, made)


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
    if owner is None or owner.public_id != caller.session.tag:
        raise CodeInvalid("The code is another user's. Call wx.login again.")
    accounts.persons.join(owner.public_id, owner.ids, person.unionid)
    expires_in = sessions.keys.save(caller.session.tag, person.session_key, person.stamp)
    return SessionKeyState(fresh=True, expires_in=expires_in)


def check_session_key(
    session_keys: SessionKeys, user_keys: UserKeys, caller: Caller
) -> SessionKeyCheck:
    """Return whether WeChat accepts the session_key; False if none is stored."""
    session = caller.session
    kept = session_keys.get(session.tag)
    valid = kept is not None and user_keys.check(session.tag, session.app, kept)
    return SessionKeyCheck(valid=valid)


def sign_out(
    store: SessionStore,
    endings: Endings,
    caller: Caller,
    scope: Literal["current", "others", "all"],
) -> Ended:
    """End this session, the user's others, or all of them for good."""
    session, cause = caller.session, _signed_out_by(caller)
    if scope == "all":
        return Ended(ended=endings.end_all(session.tag, session.sid, cause))
    ending = "one" if scope == "current" else scope
    return Ended(ended=store.end(session.tag, ending, session.sid, cause))


def end_session(store: SessionStore, caller: Caller, sid: str) -> Ended:
    """End one of the caller's sessions; NOT_FOUND for one that is not live or another user's."""
    ended = store.end(caller.session.tag, "one", sid, _signed_out_by(caller))
    if not ended:
        raise ApiError(errors.NOT_FOUND, "You have no live session of this id.")
    return Ended(ended=ended)


def describe(clock: Clock, caller: Caller) -> SessionAnswer:
    """Return the caller's session, and whether a session_key is kept for its user."""
    left = max(0, caller.session_key_until - milliseconds(clock)) // 1000
    return SessionAnswer(
        user=Person(id=caller.session.tag),
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
            for session in store.list(caller.session.tag)
        ]
    )


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


def _create_session(
    accounts: Accounts,
    sessions: Sessions,
    app: MiniProgram,
    user: UserRef,
    draft: Draft,
    bearer: str | None,
) -> NewSession:
    """Record the login and create its session; without a session the record is deleted."""
    token, ref = sessions.tokens.mint(user.public_id)
    awaited = accounts.users.record_login(user, ref.sid, draft, sessions.store.lifetimes)
    try:
        # The user is committed by now. Disabling the app either finds the user, and blocks the
        # slot, or was committed before, and is found here.
        if user.is_new:
            accounts.apps.get_active(app.appid)
        carried = sessions.tokens.peek(bearer)
        void_before = max(user.void_before, app.void_before)
        created = sessions.store.create(ref, draft, carried, void_before, note_endings=awaited)
    except (ApiError, ServiceError):
        accounts.users.delete_login(ref.sid)
        raise
    return NewSession(token, ref, created)


def _answer(user: UserRef, made: NewSession) -> LoginAnswer:
    session = made.created.session
    return LoginAnswer(
        token=made.token,
        expires_in=(session.expires - session.created) // 1000,
        max_expires_in=(session.deadline - session.created) // 1000,
        user=NewPerson(id=user.public_id, is_new=user.is_new),
        session=SessionHandle(id=session.sid),
        signing=Signing(key=base64.b64encode(signing_key(made.ref)).decode()),
        ended=made.created.ended,
    )


def _record(recorder: Recorder, event: Event, session: Session) -> None:
    recorder.record(replace(event, user=session.tag, address=session.ip, app=session.app))


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
