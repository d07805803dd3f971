"""The index of all live sessions, newest first, for the console: 64 sorted sets by login time.

It is written after the session itself and is not the truth: what it names is read before it is
shown, and an entry whose session is gone is dropped then.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterable
from typing import NamedTuple

from redis.exceptions import RedisError

from wxlogin.clock import Clock, milliseconds
from wxlogin.sessions import keys, records
from wxlogin.sessions.records import Session
from wxlogin.sessions.scripts import Call, Scripts

SHARDS = 64
HANDLE = re.compile("([A-Za-z0-9_-]{22})[.]([A-Za-z0-9_-]{22})")
ROUNDS = 4
"""How often a page looks further where entries turn out to be dead."""

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """A session in the index: its login time in ms, and its handle."""

    at: int
    handle: str


class LivePage(NamedTuple):
    """Live sessions, newest first, and the entry behind which the next page begins."""

    sessions: list[Session]
    last: Entry | None


def handle(tag: str, sid: str) -> str:
    """The id by which operators name a session: the user's id and the session's."""
    return f"{tag}.{sid}"


def named(handle: str) -> tuple[str, str] | None:
    """The user's id and the session's that a handle names; None for what is no handle."""
    form = HANDLE.fullmatch(handle)
    return (form[1], form[2]) if form else None


class LiveIndex:
    """Knows which sessions live. `max_age` is how long one may live, in seconds."""

    def __init__(self, scripts: Scripts, clock: Clock, max_age: int) -> None:
        self._scripts = scripts
        self._clock = clock
        self._life_ms = max_age * 1000

    def note(self, session: Session, ended: Iterable[str]) -> None:
        """Note a session that began, and forget those of the user that it ended.

        A fault of Redis is logged: the session is there, and the console alone misses it.
        """
        gone = [handle(session.tag, sid) for sid in ended]
        oldest, entry = session.created - self._life_ms, handle(session.tag, session.sid)
        try:
            self._scripts.run(
                "live_note",
                [_shard(session.tag)],
                session.created,
                entry,
                oldest,
                self._life_ms,
                *gone,
            )
        except RedisError as fault:
            logger.warning("a live session is not in the index: %s", type(fault).__name__)

    def forget(self, ended: Iterable[tuple[str, str]]) -> None:
        """Forget sessions that ended, by tag and id; a fault of Redis is logged."""
        by_shard: dict[str, list[str]] = {}
        for tag, sid in ended:
            by_shard.setdefault(_shard(tag), []).append(handle(tag, sid))
        try:
            self._scripts.ask_together(
                [Call("live_forget", [shard], tuple(gone)) for shard, gone in by_shard.items()]
            )
        except RedisError as fault:
            logger.warning("ended sessions stay in the index: %s", type(fault).__name__)

    def count(self) -> int:
        """How many sessions live, at most: those that expired unseen are counted too."""
        return sum(self._scripts.ask_together([Call("live_count", [key], ()) for key in _shards()]))

    def page(self, most: int, behind: Entry | None = None) -> LivePage:
        """The newest live sessions, or the newest behind an entry.

        The commands that this costs are bounded, whatever the number of sessions. So a page may be
        short although there is another behind it.
        """
        found: list[Session] = []
        for _ in range(ROUNDS):
            entries, behind = self._newest(most - len(found), behind)
            found += self._alive(entries)
            if behind is None or len(found) == most:
                break
        return LivePage(found, behind)

    def _newest(self, most: int, behind: Entry | None) -> tuple[list[Entry], Entry | None]:
        """The newest entries of all shards, and the last of them unless they are all there are."""
        share = 8 + most // 16  # more than a shard's part, so that one look is nearly always enough
        args = (share, behind.at if behind else "")
        found: list[Entry] = []
        known = Entry(0, "")  # no shard has told all of what is older than this
        for same, rest in self._scripts.ask_together(
            [Call("live_newest", [key], args) for key in _shards()]
        ):
            older = [Entry(int(at), name) for name, at in zip(rest[::2], rest[1::2], strict=True)]
            found += older
            if behind:
                found += [Entry(behind.at, name) for name in same if name < behind.handle]
            if len(older) == share:
                known = max(known, older[-1])
        told = sorted((entry for entry in found if entry >= known), reverse=True)
        taken = told[:most]
        return taken, taken[-1] if taken and len(found) > len(taken) else None

    def _alive(self, entries: list[Entry]) -> list[Session]:
        """The sessions of entries, in their order; the entries of dead ones are forgotten."""
        handles = (entry.handle.partition(".") for entry in entries)
        known = [(tag, sid) for tag, _, sid in handles]
        tags = list(dict.fromkeys(tag for tag, _ in known))
        now = milliseconds(self._clock)
        replies = self._scripts.ask_together(
            [
                Call("list", [keys.index(tag)], (keys.slot(tag), now, *records.FIELDS))
                for tag in tags
            ]
        )
        live = {
            (tag, sid): records.decode(tag, sid, values)
            for tag, rows in zip(tags, replies, strict=True)
            for sid, *values in rows
        }
        self.forget([one for one in known if one not in live])
        return [session for one in known if (session := live.get(one))]


def _shards() -> list[str]:
    return [keys.live(number) for number in range(SHARDS)]


def _shard(tag: str) -> str:
    return keys.live(zlib.crc32(tag.encode()) % SHARDS)
