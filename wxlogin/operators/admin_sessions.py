"""Sessions of admins: signed tokens of their own kind, and records in Redis.

One hash contains all sessions of an admin, so that one command ends them all. The records contain
their deadlines.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, TypedDict, Unpack, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wxlogin.clock import Clock, milliseconds
from wxlogin.operators.errors import AdminSessionExpired, SecondFactorGuessed, SignInDelayed
from wxlogin.operators.sign_in_delay import delay_after
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import optional_text
from wxlogin.sessions import TokenRef, Tokens
from wxlogin.user_agents import UserAgent

RENEW_EVERY_MS = 60_000
REAUTH_MS = 300_000
ENROLMENT_MS = 300_000
"""A second factor that no code has confirmed by then is void: its secret was on a screen."""
MAX_SESSIONS = 10
UNKNOWN_AGENT = UserAgent("", "")


@dataclass(frozen=True)
class AdminSession:
    """One sign-in of an admin; times are Unix milliseconds.

    `credentials_fingerprint` is the account's at sign-in: a new password, role or second factor
    ends the session. `enrolling` is a sealed second factor that no code has confirmed yet.
    `wrong_codes` are those given in a row with the right password; after some of them the next one
    is not taken before `locked_until`.
    """

    admin: str
    sid: str
    created: int
    seen: int
    reauth: int
    credentials_fingerprint: str
    address: str
    enrolling: str = field(default="", repr=False)
    wrong_codes: int = 0
    locked_until: int = 0
    enrolling_at: int = 0
    browser: str = ""
    system: str = ""

    @property
    def reauth_until(self) -> int:
        """Until when the password counts as entered just now."""
        return self.reauth + REAUTH_MS


class Changes(TypedDict, total=False):
    """The fields of a session that can change."""

    seen: int
    reauth: int
    credentials_fingerprint: str
    enrolling: str
    wrong_codes: int
    locked_until: int
    enrolling_at: int


class Record(BaseModel):
    """A session as Redis stores it, without its ids; `v` is the version of the format.

    Programs of older versions read the credentials_fingerprint by the name `stamp`.
    """

    model_config = ConfigDict(validate_by_name=True)

    v: Literal[1] = 1
    created: int
    seen: int
    reauth: int
    credentials_fingerprint: str = Field(alias="stamp")
    address: str
    enrolling: str = ""
    wrong_codes: int = 0
    locked_until: int = 0
    enrolling_at: int = 0
    browser: str = ""
    system: str = ""


class AdminSessions:
    """Creates, reads and ends the sessions of admins. Errors of Redis pass through."""

    def __init__(
        self, scripts: Scripts, clock: Clock, tokens: Tokens, idle: int, max_age: int
    ) -> None:
        self._scripts = scripts
        self._redis = scripts.redis
        self._clock = clock
        self._tokens = tokens
        self._idle_ms = idle * 1000
        self._max_age_ms = max_age * 1000

    def create(
        self,
        admin: str,
        credentials_fingerprint: str,
        address: str,
        agent: UserAgent = UNKNOWN_AGENT,
    ) -> tuple[str, TokenRef]:
        """Create a session and return its token. Of more than ten the oldest are ended."""
        token, ref = self._tokens.mint(admin)
        now, key = milliseconds(self._clock), keys.admin_sessions(admin)
        session = AdminSession(
            admin,
            ref.sid,
            now,
            now,
            now,
            credentials_fingerprint,
            address,
            browser=agent.browser,
            system=agent.system,
        )
        excess = [old.sid for old in self.list(admin)[MAX_SESSIONS - 1 :]]
        self.end(admin, *excess)
        self._scripts.call_once("write_hash", [key], self._max_age_ms, ref.sid, _record(session))
        return token, ref

    def verify(self, token: str) -> TokenRef:
        """Return what a token refers to; raises the error of a token that we did not sign."""
        return self._tokens.verify(token)

    def get(self, ref: TokenRef, *, renew: bool = True) -> AdminSession:
        """Return the live session and renew it; AdminSessionExpired if there is none."""
        (text,) = self._scripts.fields(keys.admin_sessions(ref.owner), ref.sid)
        session = self._if_live(ref.owner, ref.sid, text)
        if session is None:
            raise AdminSessionExpired
        now = milliseconds(self._clock)
        if renew and now - session.seen >= RENEW_EVERY_MS:
            return self.update(session, seen=now)
        return session

    def update(self, session: AdminSession, **changes: Unpack[Changes]) -> AdminSession:
        """Change only these fields; return the session with concurrent changes of other fields.

        Raises AdminSessionExpired if the session was ended meanwhile.
        """
        fields = {Record.model_fields[name].alias or name: value for name, value in changes.items()}
        key = keys.admin_sessions(session.admin)
        text = optional_text(
            self._scripts.call_once("update_admin_session", [key], session.sid, json.dumps(fields))
        )
        updated = self._parse(session.admin, session.sid, text)
        if updated is None:
            raise AdminSessionExpired
        return updated

    def require_no_delay(self, session: AdminSession) -> None:
        """Raise SignInDelayed if it is too early for another code, after wrong ones."""
        left = session.locked_until - milliseconds(self._clock)
        if left > 0:
            raise SignInDelayed(retry_after=math.ceil(left / 1000))

    def count_wrong_code(self, session: AdminSession) -> None:
        """Count a wrong code; SecondFactorGuessed for the fifth in a row and every further one."""
        wrong = session.wrong_codes + 1
        seconds = delay_after(wrong)
        until = milliseconds(self._clock) + seconds * 1000 if seconds else 0
        self.update(session, wrong_codes=wrong, locked_until=until)
        if until:
            raise SecondFactorGuessed

    def list(self, admin: str) -> list[AdminSession]:
        """Return an admin's live sessions, newest first."""
        records = cast("dict[str, str]", self._redis.hgetall(keys.admin_sessions(admin)))
        found = [self._if_live(admin, sid, text) for sid, text in records.items()]
        return sorted((session for session in found if session), key=lambda one: -one.created)

    def end(self, admin: str, *sids: str) -> int:
        """End sessions; return how many existed."""
        return int(self._redis.hdel(keys.admin_sessions(admin), *sids)) if sids else 0

    def end_all(self, admin: str, except_sid: str = "") -> int:
        """End all sessions of an admin, except one; return how many there were."""
        return self.end(admin, *(one.sid for one in self.list(admin) if one.sid != except_sid))

    def _if_live(self, admin: str, sid: str, text: str | None) -> AdminSession | None:
        session = self._parse(admin, sid, text)
        if session is None:
            return None
        now = milliseconds(self._clock)
        over = now >= min(session.seen + self._idle_ms, session.created + self._max_age_ms)
        return None if over else session

    def _parse(self, admin: str, sid: str, text: str | None) -> AdminSession | None:
        """Return the session of a record, without an enrolment that took too long."""
        session = _parse(admin, sid, text)
        if session and milliseconds(self._clock) >= session.enrolling_at + ENROLMENT_MS:
            return replace(session, enrolling="")
        return session


def _record(session: AdminSession) -> str:
    fields = asdict(session)
    return Record.model_validate(fields).model_dump_json(by_alias=True)


def _parse(admin: str, sid: str, text: str | None) -> AdminSession | None:
    """Return the session of a record; None if there is none, or one of another version."""
    try:
        record = Record.model_validate_json(text or "")
    except ValidationError:
        return None
    return AdminSession(admin, sid, **record.model_dump(exclude={"v"}))
