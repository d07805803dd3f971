"""The session store: create, read, list, end. Each is one round trip and one atomic script.

Create is not update: creating finds no such key, renewing finds one, nothing upserts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wxlogin import errors
from wxlogin.clock import Clock, milliseconds
from wxlogin.errors import ApiError
from wxlogin.sessions import keys, records, refusals
from wxlogin.sessions.live import LiveIndex
from wxlogin.sessions.records import Draft, Session
from wxlogin.sessions.scripts import Call, Scripts
from wxlogin.sessions.tokens import TokenRef
from wxlogin.sessions.windows import Window, charges, judge

GRACE_MS = 30_000
RENEW_EVERY_MS = 60_000
BLOCK_MS = 3_600_000

Scope = Literal["one", "others", "all"]
Why = Literal["app", "banned", "erased"]


@dataclass(frozen=True)
class Lifetimes:
    """How long a session lives, in seconds."""

    idle_ttl: int
    max_age: int


@dataclass(frozen=True)
class DevicePolicy:
    """Which of a user's sessions a login ends.

    `single`: none but those over the limit, all, or those of the same platform. `overflow`: over
    `most` sessions the oldest ends, or the login is refused.
    """

    single: Literal["off", "all", "per-platform"]
    most: int
    overflow: Literal["evict", "refuse"]


class Created(NamedTuple):
    """A session that a login made, and how many of the user's sessions that ended."""

    session: Session
    ended: int


class Live(NamedTuple):
    """A live session, and the time in ms until which the user's session_key is kept (0: none)."""

    session: Session
    session_key_until: int


class SessionStore:
    """Sessions in Redis. Redis faults pass through: not knowing is never a refusal."""

    def __init__(
        self,
        scripts: Scripts,
        clock: Clock,
        lifetimes: Lifetimes,
        devices: DevicePolicy,
        unknown: Callable[[str], None] = lambda _tag: None,
    ) -> None:
        """`unknown` is told whose record has a version that is not known; it reads as absent."""
        self._unknown = unknown
        self._scripts = scripts
        self._clock = clock
        self.lifetimes = lifetimes
        self.devices = devices
        self.live = LiveIndex(scripts, clock, lifetimes.max_age)

    def create(self, ref: TokenRef, draft: Draft, carried: TokenRef | None) -> Created:
        """Make the session of a fresh token.

        It takes the place of the user's session with the same device, or of the one whose token
        the login carried; the token so replaced works for 30 s more. Which others end, the device
        policy says. Refused where that says so (DEVICE_LIMIT) or the user's slot is blocked.
        """
        session = self._drafted(ref, draft)
        same_user = carried is not None and carried.tag == ref.tag
        state, found, *until = self._scripts.run(
            "create",
            [keys.index(ref.tag)],
            *self._slot(ref.tag),
            ref.sid,
            session.expires,
            draft.device,
            carried.sid if carried and same_user else "",
            draft.platform,
            self.devices.single,
            self.devices.most,
            self.devices.overflow,
            GRACE_MS,
            *records.encode(session, draft.device),
        )
        if state == "blocked":
            raise refusals.of_blocked(found, *until)
        if state == "full":
            raise ApiError(errors.DEVICE_LIMIT)
        self.live.note(session, found)
        return Created(session, len(found))

    def read(
        self, ref: TokenRef, own: Sequence[Window] = (), beside: Sequence[Window] = ()
    ) -> Live:
        """The live session; SESSION_EXPIRED, _REPLACED, _REVOKED or USER_BANNED if there is none.

        One round trip, whatever is counted with it: the counters `own` lie in the user's slot and
        count only for a live session, those `beside` count in any case and are judged first. The
        idle deadline is pushed out at most once a minute.
        """
        *counts, (state, *rest) = self._scripts.ask_together(
            [*charges(beside), self._reading(ref, own)]
        )
        judge(beside, counts)
        if state == "ended":
            raise refusals.of_ended(*rest)
        session = self._decoded(ref.tag, ref.sid, rest[2]) if state == "live" else None
        if session is None:
            raise ApiError(errors.SESSION_EXPIRED)
        judge(own, rest[1])
        return Live(session, int(rest[0]))

    def list(self, tag: str) -> list[Session]:
        """The user's live sessions, newest first."""
        rows = self._scripts.ask("list", [keys.index(tag)], *self._slot(tag), *records.FIELDS)
        sessions = [self._decoded(tag, sid, values) for sid, *values in rows]
        return sorted(
            (session for session in sessions if session),
            key=lambda session: (session.created, session.sid),
            reverse=True,
        )

    def finish(self, tag: str, scope: Scope, sid: str) -> int:
        """End one session, all others, or all; give back how many were live.

        A sid that was replaced means the session that took its place.
        """
        args = (*self._slot(tag), scope, sid, "revoked")
        ended = self._scripts.run("finish", [keys.index(tag)], *args)
        return self._forgotten([tag], [ended])

    def finish_all(self, tags: Sequence[str]) -> int:
        """End all sessions of these users; give back how many were live."""
        return self._end_together("finish", tags, "all", "", "revoked")

    def block(self, tag: str, why: Why, until: int = 0, also: Sequence[str] = ()) -> int:
        """End all sessions of a user whom SQL refuses by now; give back how many were live.

        A login that had read SQL just before finds the mark and is refused. A ban may last `until`
        a time in ms. The keys `also`, of the user's slot, are deleted with the sessions.
        """
        args = (*self._slot(tag), why, until, BLOCK_MS)
        ended = self._scripts.ask("block", [keys.index(tag), *also], *args)
        return self._forgotten([tag], [ended])

    def lift(self, tag: str, why: Why) -> None:
        """Take a mark of `block` away; logins pass again where no other is left."""
        self.lift_all([tag], why)

    def block_all(self, tags: Sequence[str], why: Why) -> int:
        """As `block`, for several users."""
        return self._end_together("block", tags, why, 0, BLOCK_MS)

    def lift_all(self, tags: Sequence[str], why: Why) -> int:
        """As `lift`, for several users; give back how many it took away."""
        calls = [Call("lift", [keys.index(tag)], (*self._slot(tag), why)) for tag in tags]
        return sum(self._scripts.ask_together(calls))

    def _end_together(self, name: str, tags: Sequence[str], *args: str | int) -> int:
        """Run a script that ends sessions of several users, in one exchange."""
        ended = self._scripts.ask_together(
            [Call(name, [keys.index(tag)], (*self._slot(tag), *args)) for tag in tags]
        )
        return self._forgotten(tags, ended)

    def _forgotten(self, tags: Sequence[str], ended: Sequence[Sequence[str]]) -> int:
        """How many sessions ended, once the index of live ones forgot them."""
        gone = [(tag, sid) for tag, sids in zip(tags, ended, strict=True) for sid in sids]
        self.live.forget(gone)
        return len(gone)

    def _reading(self, ref: TokenRef, own: Sequence[Window]) -> Call:
        idle = self.lifetimes.idle_ttl * 1000
        args: list[str | int] = [
            ref.sid,
            idle,
            RENEW_EVERY_MS,
            *[one.life for one in own],
            *records.FIELDS,
        ]
        return Call(
            "read",
            [keys.index(ref.tag), *(one.key for one in own)],
            (*self._slot(ref.tag), *args),
        )

    def _decoded(self, tag: str, sid: str, values: Sequence[str | None]) -> Session | None:
        session = records.decode(tag, sid, values)
        if session is None:
            self._unknown(tag)
        return session

    def _slot(self, tag: str) -> tuple[str, int]:
        return keys.slot(tag), milliseconds(self._clock)

    def _drafted(self, ref: TokenRef, draft: Draft) -> Session:
        at = milliseconds(self._clock)
        deadline = at + self.lifetimes.max_age * 1000
        return Session(
            tag=ref.tag,
            sid=ref.sid,
            app=draft.app,
            created=at,
            seen=at,
            idle_deadline=min(at + self.lifetimes.idle_ttl * 1000, deadline),
            deadline=deadline,
            platform=draft.platform,
            name=draft.name,
            ip=draft.ip,
            place=ref.sid,
            region=draft.region,
        )
