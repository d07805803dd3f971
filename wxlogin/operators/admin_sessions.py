"""Sessions of admins: signed tokens of their own kind, records in Redis.

All sessions of one admin lie in one hash, so that one command ends them all. The deadlines stand
in the record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.sessions import Scripts, TokenRef, Tokens, keys
from wxlogin.sessions.tokens import ADMIN

VERSION = 1
RENEW_EVERY_MS = 60_000
REAUTH_MS = 300_000
MOST_SESSIONS = 10


@dataclass(frozen=True)
class AdminSession:
    """One sign-in of an admin; times are Unix milliseconds.

    `stamp` is what the account looked like at sign-in: another password, role or second factor ends
    the session. `enrolling` is a sealed second factor that no code confirmed yet.
    """

    admin: str
    sid: str
    created: int
    seen: int
    reauth: int
    stamp: str
    address: str
    enrolling: str = field(default="", repr=False)

    @property
    def reauth_until(self) -> int:
        """Until when the password counts as given just before."""
        return self.reauth + REAUTH_MS


class AdminSessions:
    """Begins, reads and ends the sessions of admins. A fault of Redis passes through: 503."""

    def __init__(
        self, scripts: Scripts, clock: Clock, secret_keys: Sequence[str], idle: int, max_age: int
    ) -> None:
        self._scripts = scripts
        self._redis = scripts.redis
        self._clock = clock
        self._tokens = Tokens(secret_keys, ADMIN)
        self._idle_ms = idle * 1000
        self._max_age_ms = max_age * 1000

    def begin(self, admin: str, stamp: str, address: str) -> tuple[str, TokenRef]:
        """A new session; its token is told once. The oldest over ten are ended."""
        token, ref = self._tokens.mint(admin)
        now, key = milliseconds(self._clock), keys.admin_sessions(admin)
        session = AdminSession(admin, ref.sid, now, now, now, stamp, address)
        too_many = [old.sid for old in self.list(admin)[MOST_SESSIONS - 1 :]]
        with self._redis.at(key).pipeline() as pipe:
            if too_many:
                pipe.hdel(key, *too_many)
            pipe.hset(key, ref.sid, _written(session))
            pipe.pexpire(key, self._max_age_ms)
            pipe.execute()
        return token, ref

    def verify(self, token: str) -> TokenRef:
        """What a token refers to; TOKEN_INVALID unless one of our keys signed it."""
        return self._tokens.verify(token)

    def read(self, ref: TokenRef) -> AdminSession:
        """The live session, seen at this moment; SESSION_EXPIRED where there is none."""
        (text,) = self._scripts.fields(keys.admin_sessions(ref.tag), ref.sid)
        session = self._alive(ref.tag, ref.sid, text)
        if session is None:
            raise expired()
        now = milliseconds(self._clock)
        if now - session.seen >= RENEW_EVERY_MS:
            session = self.keep(replace(session, seen=now))
        return session

    def keep(self, session: AdminSession) -> AdminSession:
        """Write a session's record anew; SESSION_EXPIRED if it was ended meanwhile."""
        key = keys.admin_sessions(session.admin)
        if not self._scripts.run("keep_admin_session", [key], session.sid, _written(session)):
            raise expired()
        return session

    def list(self, admin: str) -> list[AdminSession]:
        """An admin's live sessions, newest first."""
        kept = cast("dict[str, str]", self._redis.hgetall(keys.admin_sessions(admin)))
        found = [self._alive(admin, sid, text) for sid, text in kept.items()]
        return sorted((one for one in found if one), key=lambda one: -one.created)

    def end(self, admin: str, *sids: str) -> int:
        """End sessions; how many there were."""
        return int(self._redis.hdel(keys.admin_sessions(admin), *sids)) if sids else 0

    def end_all(self, admin: str, but: str = "") -> int:
        """End all sessions of an admin, but one where it is named; how many there were."""
        return self.end(admin, *(one.sid for one in self.list(admin) if one.sid != but))

    def _alive(self, admin: str, sid: str, text: str | None) -> AdminSession | None:
        fields = _read(text)
        if fields is None:
            return None
        session = AdminSession(admin, sid, **fields)
        now = milliseconds(self._clock)
        over = now >= min(session.seen + self._idle_ms, session.created + self._max_age_ms)
        return None if over else session


def expired() -> ApiError:
    """What an admin is told whose session is not there any more."""
    return ApiError(errors.SESSION_EXPIRED, "Sign in again: POST /admin/api/login.")


def _written(session: AdminSession) -> str:
    fields = {"v": VERSION, **asdict(session)}
    del fields["admin"], fields["sid"]
    return json.dumps(fields)


def _read(text: str | None) -> dict[str, Any] | None:
    """The fields of a record; None where there is none, or one of another version."""
    fields: dict[str, Any] = json.loads(text) if text else {}
    return fields if fields.pop("v", None) == VERSION else None
