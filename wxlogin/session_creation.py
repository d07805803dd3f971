"""Creates every session: for a user whom somebody vouches for; the login is recorded and told.

WeChat vouches at a login (login/service.py), a session on a phone at a scan (scan/service.py), and
each has looked for a ban in the user's row. Both pass the same checks here: what blocks the user in
Redis, and the device policy; both leave a record, an event and a webhook.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from structlog.contextvars import get_contextvars

from wxlogin.accounts import MiniProgram
from wxlogin.accounts.first_logins import Rank, known
from wxlogin.accounts.user_refs import UserRef
from wxlogin.errors import ApiError
from wxlogin.service_error import ServiceError
from wxlogin.services import Accounts, Sessions, Watch
from wxlogin.sessions import Created, Draft, Session, TokenRef
from wxlogin.sessions.tokens import signing_key
from wxlogin.watch import travel
from wxlogin.watch.events import Event, SignedIn
from wxlogin.watch.recorder import Recorder
from wxlogin.watch.regions import Region

SessionId = Annotated[str, Field(description="A handle for lists; no credential.")]


class Person(BaseModel):
    """A user by the public id."""

    id: str


class NewPerson(Person):
    """A user, and whether this login was the first."""

    is_new: bool


class SessionHandle(BaseModel):
    """A session by its id."""

    id: SessionId


class Signing(BaseModel):
    """The key with which this session's requests are signed."""

    key: str
    algorithm: Literal["HMAC-SHA256"] = "HMAC-SHA256"


class LoginAnswer(BaseModel):
    """A new session and its token, which only this answer contains."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int
    max_expires_in: int
    user: NewPerson
    session: SessionHandle
    signing: Signing
    ended: int


@dataclass(frozen=True)
class NewSession:
    """Whose session is to be created, and on whose word.

    The new session takes the place of that of the `carried` token, which is the device's own. The
    session that approved it on a phone, if one did, has to live, and does not end by it. `sids` are
    the user's sessions, as far as they are known. `rank` is the risk rank of a first login, once
    WeChat has told it.
    """

    app: MiniProgram
    user: UserRef
    draft: Draft
    carried: TokenRef | None = None
    approved_by: str = ""
    sids: tuple[str, ...] = ()
    rank: Rank = field(default_factory=partial(known, None))


def create_session(
    accounts: Accounts, sessions: Sessions, watch: Watch, new: NewSession, region: Region | None
) -> LoginAnswer:
    """Create the session of a user, who comes from a region; the error of what refuses it."""
    user = new.user
    earlier = [] if user.is_new else watch.login_history.regions(user.id)
    token, ref = sessions.tokens.mint(user.public_id)
    created = _record_and_create(accounts, sessions, new, ref)
    session = created.session
    _record_sign_in(watch.recorder, session, new.rank)
    for anomaly in travel.find_anomalies(earlier, region, session.created / 1000):
        _record(watch.recorder, anomaly, session)
    return LoginAnswer(
        token=token,
        expires_in=(session.expires - session.created) // 1000,
        max_expires_in=(session.deadline - session.created) // 1000,
        user=NewPerson(id=user.public_id, is_new=user.is_new),
        session=SessionHandle(id=session.sid),
        signing=Signing(key=base64.b64encode(signing_key(ref)).decode()),
        ended=created.ended,
    )


def _record_and_create(
    accounts: Accounts, sessions: Sessions, new: NewSession, ref: TokenRef
) -> Created:
    """Record the login and create its session; without a session the record is deleted."""
    app, user, draft = new.app, new.user, new.draft
    awaited = accounts.login_records.create(user, ref.sid, draft, sessions.store.lifetimes)
    try:
        # The user is committed by now. Disabling the app either finds the user, and blocks the
        # slot, or was committed before, and is found here.
        if user.is_new:
            accounts.apps.get_active(app.appid)
        void_before = max(user.void_before, app.void_before)
        return sessions.store.create(
            ref,
            draft,
            new.carried,
            void_before,
            note_endings=awaited,
            approved_by=new.approved_by,
            known=new.sids,
        )
    except (ApiError, ServiceError):
        accounts.login_records.delete(ref.sid)
        raise


def _record_sign_in(recorder: Recorder, session: Session, rank: Rank) -> None:
    """Record a login: now, or a first one once its risk rank is known."""
    request_id = str(get_contextvars().get("request_id", ""))

    def record(done: Rank) -> None:
        event = SignedIn(platform=session.platform, request_id=request_id, risk_rank=done.result())
        _record(recorder, event, session)

    rank.add_done_callback(record)


def _record(recorder: Recorder, event: Event, session: Session) -> None:
    recorder.record(replace(event, user=session.user, address=session.ip, app=session.app))
