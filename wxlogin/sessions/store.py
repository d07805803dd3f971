"""The session store: create, get, list, end. Each is one atomic script; `get` is one round trip.

Create is not update: create finds no such key, a renewal finds one, and nothing upserts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

from wxlogin.clock import Clock, milliseconds
from wxlogin.limits.windows import Window, hits, judge
from wxlogin.redisdb import keys
from wxlogin.redisdb.replies import Reply
from wxlogin.redisdb.scripts import Call, Scripts
from wxlogin.sessions import causes, end_notes, records, replies
from wxlogin.sessions.causes import BlockReason, Cause
from wxlogin.sessions.device_policy import DevicePolicy
from wxlogin.sessions.end_notes import EndedSession, Ending, OnEnded
from wxlogin.sessions.errors import SessionExpired
from wxlogin.sessions.lifetimes import Lifetimes
from wxlogin.sessions.live import LiveIndex
from wxlogin.sessions.records import Draft, Session
from wxlogin.sessions.slots import SlotCall, Slots
from wxlogin.sessions.tokens import TokenRef

RENEW_EVERY_MS = 60_000
BLOCK_MS = 3_600_000
"""How long a mark stays after its latest change."""

Scope = Literal["one", "others", "all"]


class Change(NamedTuple):
    """A change of a block, as SQL committed it.

    Of two changes of one block the greater `version` wins, whichever comes first; 0 has no order.
    Sessions that began at or before `void_before`, in Unix ms, end in any case.
    """

    version: int = 0
    void_before: int = 0


UNORDERED = Change()
"""A change of a block that is never lifted, as an erasure's."""


class Created(NamedTuple):
    """A new session, and how many sessions of the user its login ended."""

    session: Session
    ended: int


class LiveSession(NamedTuple):
    """A live session; the user's session_key is stored until a time in ms (0: none is)."""

    session: Session
    session_key_until: int


class SessionStore:
    """Sessions in Redis. Redis faults pass through: a store that is out ends no session."""

    def __init__(
        self,
        scripts: Scripts,
        clock: Clock,
        lifetimes: Lifetimes,
        devices: DevicePolicy,
        on_unknown_version: Callable[[str], None] = lambda _user: None,
        on_no_person: Callable[[str], None] = lambda _user: None,
    ) -> None:
        """`on_unknown_version` gets the user of a record of another version; it reads as absent.

        `on_no_person` gets the user of a session that an older version made. `on_ended` and
        `on_signed_out` may be set later: the latter gets what `end` ended, before it returns, the
        former what ended by anything else.
        """
        self._on_no_person = on_no_person
        self._on_unknown_version = on_unknown_version
        self.on_ended: OnEnded = end_notes.ignore
        self.on_signed_out: OnEnded = end_notes.ignore
        self._scripts = scripts
        self._slots = Slots(scripts, clock)
        self._clock = clock
        self.lifetimes = lifetimes
        self.devices = devices
        self.live = LiveIndex(scripts, clock, lifetimes.max_age)

    def create(
        self,
        ref: TokenRef,
        draft: Draft,
        carried: TokenRef | None,
        void_before: int = 0,
        *,
        note_endings: bool = False,
        approved_by: str = "",
        known: Sequence[str] = (),
    ) -> Created:
        """Create the session of a new token. It begins after `void_before`, in Unix ms.

        It replaces the user's session of the same device, or that of the token which the login
        carried; the replaced token works for 30 s more. The device policy says which others end;
        with `note_endings` a note of these stays for the outbox. The session of the id
        `approved_by` never ends by this one; SessionRevoked if it has ended itself. `known` are the
        ids of the user's sessions: one that is missing there costs a second round trip.
        Raises DeviceLimitReached where the policy refuses the login; UserBanned, UserErased or
        AppDisabled if the user is blocked.
        """
        now = max(milliseconds(self._clock), void_before + 1)
        session = records.begin(ref, draft, now, self.lifetimes)
        before = carried.sid if carried and carried.owner == ref.owner else ""
        replacing, evicting = end_notes.by_login(ref.owner, ref.sid)
        args: tuple[str | int, ...] = (
            ref.sid,
            session.expires,
            draft.device,
            before,
            draft.platform,
            *self.devices,
            "1" if note_endings else "",
            approved_by,
            replacing.note,
            evicting.note,
            *records.encode(session, draft.device),
        )
        sids = (ref.sid, *(sid for sid in (before, approved_by) if sid), *known)
        notes = _keys_of_notes(ref.owner, of_login=note_endings)
        reply = self._slots.call_once(SlotCall("create", ref.owner, args, sids, notes))
        replaced, evicted = replies.created(reply)
        self.on_ended([*self._ended(replacing, replaced), *self._ended(evicting, evicted)])
        self.live.add(session, [*replaced, *evicted])
        return Created(session, len(replaced) + len(evicted))

    def get(
        self,
        ref: TokenRef,
        user_windows: Sequence[Window] = (),
        other_windows: Sequence[Window] = (),
    ) -> LiveSession:
        """Return the live session of a token.

        Raises SessionExpired, SessionReplaced, SessionRevoked or UserBanned if there is none, and
        LimitReached over a limit. One round trip, which counts the request too: `user_windows` are
        in the user's slot and count only for a live session; `other_windows` count in any case and
        are judged first. The idle deadline is pushed out at most once a minute.
        """
        *counts, reply = self._scripts.pipeline(
            [*hits(other_windows), self._read_call(ref, user_windows)]
        )
        judge(other_windows, counts)
        live = replies.live(reply)
        session = self._decode(ref.owner, ref.sid, live.record)
        if session is None:
            raise SessionExpired
        if not session.ids.person:
            self._on_no_person(ref.owner)
        judge(user_windows, live.counts)
        return LiveSession(session, live.session_key_until)

    def list(self, public_id: str) -> list[Session]:
        """Return the user's live sessions, newest first."""
        rows = replies.listed(self._slots.call(SlotCall("list", public_id)))
        sessions = [self._decode(public_id, row.sid, row.record) for row in rows]
        return sorted(
            (session for session in sessions if session),
            key=lambda session: (session.created, session.sid),
            reverse=True,
        )

    def end(self, public_id: str, scope: Scope, sid: str, cause: Cause = causes.SIGNED_OUT) -> int:
        """End one session, all others, or all; return how many were live.

        The id of a replaced session means its successor.
        """
        ending = end_notes.ending(public_id, cause)
        call = end_notes.call("finish", ending, (scope, sid, "revoked"), (sid,))
        sids = replies.ended(self._slots.call_once(call))
        self.on_signed_out(self._ended(ending, sids))
        return self._leave_index([(public_id, sid) for sid in sids])

    def end_all(self, public_ids: Sequence[str], cause: Cause = causes.KICKED) -> int:
        """End all sessions of these users; return how many were live."""
        return self._end_all(
            "finish", [(public_id, ("all", "", "revoked")) for public_id in public_ids], cause
        )

    def end_created_before(
        self, void_before: Mapping[str, int], cause: Cause = causes.ENDED_BEFORE
    ) -> int:
        """End the sessions of users, by public id, that began at or before a time in Unix ms.

        Returns how many were live.
        """
        return self._end_all(
            "void", [(public_id, (last,)) for public_id, last in void_before.items()], cause
        )

    def end_signed_by(
        self, public_ids: Sequence[str], key_id: str, cause: Cause = causes.KICKED
    ) -> int:
        """End the sessions of these users whose token a signing key signed; return how many.

        That is unknown of a session that an older version made: it ends too.
        """
        received = self._slots.pipeline([SlotCall("list", public_id) for public_id in public_ids])
        found = [
            (public_id, row.sid)
            for public_id, reply in zip(public_ids, received, strict=True)
            for row in replies.listed(reply)
            if records.signing_key(row.record) in (key_id, "")
        ]
        return sum(self.end(public_id, "one", sid, cause) for public_id, sid in found)

    def block(
        self,
        public_id: str,
        reason: BlockReason,
        until: int = 0,
        change: Change = UNORDERED,
        extra_keys: Sequence[str] = (),
        cause: Cause | None = None,
    ) -> int:
        """Refuse logins of a user and end all sessions; return how many were live.

        SQL refuses the user by now; a login that had read SQL just before is refused here. A ban
        may last `until` a time in ms. The keys `extra_keys`, of the user's slot, are deleted too.
        """
        args = (reason, until, BLOCK_MS, *change)
        ending = end_notes.ending(public_id, cause or causes.BLOCKED[reason])
        call = end_notes.call("block", ending, args, extra_keys=extra_keys)
        return self._take_note([ending], [self._slots.call(call)])

    def block_all(
        self,
        public_ids: Sequence[str],
        reason: BlockReason,
        change: Change = UNORDERED,
        cause: Cause | None = None,
    ) -> int:
        """Block several users, without an end."""
        return self.block_each([(public_id, 0, change) for public_id in public_ids], reason, cause)

    def block_each(
        self,
        blocks: Sequence[tuple[str, int, Change]],
        reason: BlockReason,
        cause: Cause | None = None,
    ) -> int:
        """Block several users, each by public id, until a time in ms, and by a change."""
        args = [
            (public_id, (reason, until, BLOCK_MS, *change)) for public_id, until, change in blocks
        ]
        return self._end_all("block", args, cause or causes.BLOCKED[reason])

    def unblock(self, public_id: str, reason: BlockReason, version: int = 0) -> None:
        """Take a block away; the user can log in unless there is another."""
        self.unblock_all([public_id], reason, version)

    def unblock_all(self, public_ids: Sequence[str], reason: BlockReason, version: int = 0) -> int:
        """Unblock several users; return how many were blocked for this reason."""
        calls = [
            SlotCall("lift", public_id, (reason, BLOCK_MS, version)) for public_id in public_ids
        ]
        return sum(replies.unblocked(reply) for reply in self._slots.pipeline(calls))

    def _end_all(
        self, script: str, calls: Sequence[tuple[str, tuple[str | int, ...]]], cause: Cause
    ) -> int:
        """Run a script that ends sessions, in one round trip; `calls` are users and arguments."""
        endings = [end_notes.ending(public_id, cause) for public_id, _ in calls]
        ending_calls = [
            end_notes.call(script, ending, args)
            for ending, (_, args) in zip(endings, calls, strict=True)
        ]
        return self._take_note(endings, self._slots.pipeline(ending_calls))

    def _take_note(self, endings: Sequence[Ending], received: Sequence[Reply]) -> int:
        """Tell what ended, remove it from the index of live sessions; return the number."""
        gone = [
            one
            for ending, reply in zip(endings, received, strict=True)
            for one in self._ended(ending, replies.ended(reply))
        ]
        self.on_ended(gone)
        return self._leave_index([(one.user, one.session) for one in gone])

    def _leave_index(self, gone: Sequence[tuple[str, str]]) -> int:
        self.live.remove(gone)
        return len(gone)

    def _ended(self, ending: Ending, sids: Sequence[str]) -> Sequence[EndedSession]:
        return [EndedSession(sid, milliseconds(self._clock), ending) for sid in sids]

    def _read_call(self, ref: TokenRef, windows: Sequence[Window]) -> Call:
        idle = self.lifetimes.idle_ttl * 1000
        lives, counters = [one.life for one in windows], tuple(one.key for one in windows)
        args: tuple[str | int, ...] = (ref.sid, idle, RENEW_EVERY_MS, *lives)
        return self._slots.script_call(SlotCall("read", ref.owner, args, (ref.sid,), counters))

    def _decode(self, public_id: str, sid: str, record: Sequence[str]) -> Session | None:
        session = records.decode(public_id, sid, record)
        if session is None:
            self._on_unknown_version(public_id)
        return session


def _keys_of_notes(user: str, *, of_login: bool) -> tuple[str, ...]:
    """Return the keys of the notes that a login may write of what it ends."""
    return (keys.ended(user), keys.ended_by_login(user)) if of_login else (keys.ended(user),)
