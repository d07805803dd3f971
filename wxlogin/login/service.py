"""What the login calls decide."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any, Literal

from structlog.contextvars import bind_contextvars

from wxlogin import errors
from wxlogin.accounts import MiniProgram
from wxlogin.clock import iso, milliseconds
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.guard.passage import Caller
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
from wxlogin.sessions import Draft, Session
from wxlogin.sessions.tokens import signing_key
from wxlogin.watch import travel
from wxlogin.watch.events import Event, SignedIn
from wxlogin.watch.regions import Region
from wxlogin.wechat import NothingSent, WeChatUser


def sign_in(engines: Engines, body: LoginBody, address: str, carried: str | None) -> LoginAnswer:
    """Trade the code at WeChat, find the user, make the session.

    SQL commits before Redis writes: a user without a session is harmless.
    """
    app = engines.apps.find(body.appid)
    person = exchange(engines, app, body.code)
    user = engines.users.find_or_make(app, person.openid)
    bind_contextvars(user=user.public_id)
    if user.ban:
        raise user.ban.refusal
    # Before anything else refuses the login: the key is WeChat's newest all the same.
    limits = engines.limits.of_user(("login_openid",), user.public_id)
    engines.session_keys.keep(user.public_id, person.session_key, person.stamp, own=limits)
    region = engines.regions.of(address)
    draft = _draft(body, app, address, region)
    earlier = [] if user.is_new else travel.history(user.id)
    token, ref = engines.tokens.mint(user.public_id)
    engines.users.record_login(user, ref.sid, draft, person.unionid)
    try:
        # The user is committed by now: whoever disables the app either sees them, and then the
        # user's slot says so, or is seen here.
        if user.is_new:
            engines.apps.find(app.appid)
        session, ended = engines.sessions.create(ref, draft, engines.tokens.peek(carried))
    except ApiError:
        engines.users.forget_login(ref.sid)
        raise
    _record(engines, SignedIn(platform=draft.platform), session)
    for move in travel.moves(earlier, region, engines.clock()):
        _record(engines, move, session)
    return LoginAnswer(
        token=token,
        expires_in=(session.expires - session.created) // 1000,
        max_expires_in=(session.deadline - session.created) // 1000,
        user=NewPerson(id=user.public_id, is_new=user.is_new),
        session=SessionHandle(id=session.sid),
        signing=Signing(key=base64.b64encode(signing_key(ref)).decode()),
        ended=ended,
    )


def exchange(engines: Engines, app: MiniProgram, code: str) -> WeChatUser:
    """Trade a code at WeChat, once: CODE_USED for one that was seen here."""
    bind_contextvars(app=app.appid)
    claim = engines.codes.claim(app.appid, code)
    try:
        return engines.wechat.code_to_session(*app.credentials, code)
    except NothingSent:
        engines.codes.release(claim)
        raise


def renew_session_key(engines: Engines, caller: Caller, code: str) -> SessionKeyState:
    """Keep the session_key that a fresh code gives; CODE_INVALID if it is another user's."""
    app = engines.apps.find(caller.session.app)
    person = exchange(engines, app, code)
    owner = engines.users.find(app, person.openid)
    if owner is None or owner.public_id != caller.session.tag:
        raise ApiError(errors.CODE_INVALID, "The code is another user's. Call wx.login again.")
    engines.users.link(owner.public_id, person.unionid)
    expires_in = engines.session_keys.keep(caller.session.tag, person.session_key, person.stamp)
    return SessionKeyState(fresh=True, expires_in=expires_in)


def check_session_key(engines: Engines, caller: Caller) -> SessionKeyCheck:
    """WeChat's word on the session_key; one that is not kept is not valid."""
    session = caller.session
    kept = engines.session_keys.fetch(session.tag)
    valid = kept is not None and engines.user_keys.holds(session.tag, session.app, kept)
    return SessionKeyCheck(valid=valid)


def sign_out(engines: Engines, caller: Caller, scope: Literal["current", "others", "all"]) -> Ended:
    """End this session, the user's others, or all of them."""
    session = caller.session
    asked = "one" if scope == "current" else scope
    return Ended(ended=engines.sessions.finish(session.tag, asked, session.sid))


def end_session(engines: Engines, caller: Caller, sid: str) -> Ended:
    """End one of the caller's sessions; NOT_FOUND for one that is not live or another user's."""
    ended = engines.sessions.finish(caller.session.tag, "one", sid)
    if not ended:
        raise ApiError(errors.NOT_FOUND, "You have no live session of this id.")
    return Ended(ended=ended)


def describe(engines: Engines, caller: Caller) -> SessionAnswer:
    """The session that asks, and whether a session_key is kept for its user."""
    left = max(0, caller.session_key_until - milliseconds(engines.clock)) // 1000
    return SessionAnswer(
        user=Person(id=caller.session.tag),
        app=AppHandle(appid=caller.session.app),
        session=SessionDetail(**_detail(caller.session)),
        session_key=SessionKeyState(fresh=left > 0, expires_in=left),
    )


def list_sessions(engines: Engines, caller: Caller) -> SessionList:
    """The caller's live sessions, newest first; `current` is the one in the caller's place."""
    return SessionList(
        sessions=[
            ListedSession(
                **_detail(session),
                current=session.sid == caller.session.place,
                ip=session.ip,
                region=session.region or None,
            )
            for session in engines.sessions.list(caller.session.tag)
        ]
    )


def _draft(body: LoginBody, app: MiniProgram, address: str, region: Region | None) -> Draft:
    device = hashlib.sha256(body.device_id.encode()).hexdigest()[:32] if body.device_id else ""
    return Draft(
        app=app.appid,
        platform=body.platform or "other",
        name=body.device_name or "",
        device=device,
        ip=address,
        region=region.text if region else "",
    )


def _record(engines: Engines, event: Event, session: Session) -> None:
    told = replace(event, user=session.tag, address=session.ip, app=session.app)
    engines.recorder.record(told)


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
