"""Notes of sessions that ended: the script that ends one writes it in the same step.

SQL tells how sessions ended, and is written later. A worker that is killed in between leaves its
notes; so does one whose script got no answer. Whoever writes SQL removes the note then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, cast, get_args

from structlog.contextvars import get_contextvars

from wxlogin.redisdb import keys
from wxlogin.redisdb.replies import Reply, texts
from wxlogin.redisdb.scripts import Scripts
from wxlogin.redisdb.slot_tags import SLOTS, slot_of
from wxlogin.sessions.causes import Cause, Why
from wxlogin.sessions.slots import SlotCall

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""Made once: `json.dumps` makes one each time, on the path of a login."""
NOTES = 1000
"""What a slot holds at most; prelude.lua sees to it."""
SLOTS_AT_ONCE = 16
"""Of which all notes are read: so a reply holds 16,000 notes at most, and one or two as a rule."""


class Ending(NamedTuple):
    """How sessions of a user end: why, and by which request."""

    user: str
    cause: Cause
    request_id: str = ""

    @property
    def note(self) -> str:
        """The text of the note, behind the session's id; none of a user who is erased."""
        if self.cause.why == "erased":
            return ""
        return _encode([self.user, *self.cause, self.request_id])


class EndedSession(NamedTuple):
    """The end of one session; `at` is in Unix ms."""

    session: str
    at: int
    ending: Ending

    @property
    def user(self) -> str:
        """Whose it was."""
        return self.ending.user

    @property
    def cause(self) -> Cause:
        """Why it ended."""
        return self.ending.cause


OnEnded = Callable[[Sequence[EndedSession]], None]
"""Gets sessions that ended."""


def ignore(_ended: Sequence[EndedSession]) -> None:
    """Take no note of sessions that ended."""


def ending(user: str, cause: Cause) -> Ending:
    """Return how sessions of a user end by the request in hand."""
    return Ending(user, cause, str(get_contextvars().get("request_id", "")))


def by_login(user: str, session: str) -> tuple[Ending, Ending]:
    """Return how sessions end that a login replaces, and those that it evicts."""
    replacing = ending(user, Cause("replaced", session))
    return replacing, replacing._replace(cause=Cause("evicted", session))


def call(
    script: str,
    ending: Ending,
    args: tuple[str | int, ...],
    sids: tuple[str, ...] = (),
    extra_keys: Sequence[str] = (),
) -> SlotCall:
    """Return the call of a script that ends sessions, which notes them in the same step."""
    noted = (keys.ended(ending.user), *extra_keys)
    return SlotCall(script, ending.user, (*args, ending.note), sids, noted)


class EndNotes:
    """The notes in Redis, by slot of a cluster: there the scripts on a user's slot can write."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def forget(self, ended: Iterable[EndedSession]) -> None:
        """Remove the notes of ends that SQL has."""
        by_key: dict[str, list[str]] = {}
        for one in ended:
            by_key.setdefault(keys.ended(one.user), []).append(f"{one.session} {one.ending.note}")
        self._scripts.exchange([("ZREM", key, *notes) for key, notes in by_key.items()])

    def of_users(self, users: Collection[str]) -> list[EndedSession]:
        """Return the ends of these users' sessions that are noted."""
        slots = sorted({slot_of(user) for user in users})
        found: list[EndedSession] = []
        for first in range(0, len(slots), SLOTS_AT_ONCE):
            noted = self._read(slots[first : first + SLOTS_AT_ONCE], "+inf", NOTES)
            found += [one for one in noted if one.user in users]
        return found

    def erase(self, user: str) -> None:
        """Forget a user who was erased: nothing is written of them any more."""
        if left := self.of_users({user}):
            self.forget(left)

    def in_slots(self, first: int, count: int, before: int, most: int) -> list[EndedSession]:
        """Return the ends before a time in Unix ms that are noted in some slots: `most` each.

        No request of the worker waits for that.
        """
        slots = [n % SLOTS for n in range(first, first + count)]
        return self._read(slots, before, most, shared=False)

    def _read(
        self, slots: Iterable[int], before: int | str, most: int, *, shared: bool = True
    ) -> list[EndedSession]:
        limits = "-inf", before, "WITHSCORES", "LIMIT", 0, most
        commands = [("ZRANGEBYSCORE", keys.ended_in(slot), *limits) for slot in slots]
        replies = self._scripts.exchange(commands, shared=shared)
        return [one for reply in replies for one in _parse(reply)]


def _parse(reply: Reply) -> list[EndedSession]:
    """Return what the notes of one slot say; what a newer version wrote stays for that one."""
    found = texts(reply)
    pairs = zip(found[::2], found[1::2], strict=True)
    return [ended for note, at in pairs if (ended := _ended(note, int(float(at))))]


def _ended(text: str, at: int) -> EndedSession | None:
    session, _, note = text.partition(" ")
    match json.loads(note):
        case [str(user), str(why), str(by), str(reason), str(request_id)] if why in get_args(Why):
            cause = Cause(cast("Why", why), by, reason)
            return EndedSession(session, at, Ending(user, cause, request_id))
    return None
