"""The index of all live sessions, newest first, for the console: 64 sorted sets by login time.

It is written after the session and is not the truth: a page reads the sessions that the index
names, and removes entries whose session is gone.
"""

from __future__ import annotations

import logging
import re
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from redis.exceptions import RedisError

from wxlogin.clock import Clock
from wxlogin.redisdb import keys
from wxlogin.redisdb.replies import Reply, UnexpectedReply, integer, texts
from wxlogin.redisdb.scripts import Call, Scripts
from wxlogin.sessions import records, replies
from wxlogin.sessions.records import Session
from wxlogin.sessions.slots import SlotCall, Slots

SHARDS = 64
HANDLE = re.compile("([A-Za-z0-9_-]{22})[.]([A-Za-z0-9_-]{22})")
ROUNDS = 4
"""How often a page reads on because entries turn out to be dead."""
WANTED_ROUNDS = 4
WANTED_STEP = 500
"""A page of wanted sessions looks at this many times so many."""
WANTED_SECONDS = 0.1
"""After this time it looks no further, whatever it found."""

logger = logging.getLogger(__name__)


class Entry(NamedTuple):
    """A session in the index: its login time in ms, and its handle."""

    at: int
    handle: str


class LivePage(NamedTuple):
    """Live sessions, newest first, and the entry after which the next page begins."""

    sessions: list[Session]
    last: Entry | None


class ShardReply(NamedTuple):
    """The reply of live_newest.lua: handles of just the time asked for, and older entries."""

    same_time: list[str]
    older: list[Entry]


def handle(public_id: str, sid: str) -> str:
    """Return the id by which operators name a session: the user's id and the session's."""
    return f"{public_id}.{sid}"


def parse_handle(handle: str) -> tuple[str, str] | None:
    """Return the user's id and the session's of a handle; None for other text."""
    form = HANDLE.fullmatch(handle)
    return (form[1], form[2]) if form else None


class LiveIndex:
    """Knows which sessions are live. `max_age` is the maximum age of a session in seconds."""

    def __init__(self, scripts: Scripts, clock: Clock, max_age: int) -> None:
        self._scripts = scripts
        self._slots = Slots(scripts, clock)
        self._max_age_ms = max_age * 1000

    def add(self, session: Session, ended: Iterable[str]) -> None:
        """Add a new session, and remove those of the user that its login ended.

        A fault of Redis is logged: the session exists, and only the console misses it.
        """
        gone = [handle(session.user, sid) for sid in ended]
        oldest, entry = session.created - self._max_age_ms, handle(session.user, session.sid)
        try:
            self._scripts.call(
                "live_note",
                [_shard(session.user)],
                session.created,
                entry,
                oldest,
                self._max_age_ms,
                *gone,
            )
        except RedisError as fault:
            logger.warning("a live session is not in the index: %s", type(fault).__name__)

    def remove(self, ended: Iterable[tuple[str, str]]) -> None:
        """Remove sessions that ended, each by its user and its id; a fault of Redis is logged."""
        by_shard: dict[str, list[str]] = {}
        for public_id, sid in ended:
            by_shard.setdefault(_shard(public_id), []).append(handle(public_id, sid))
        try:
            self._scripts.pipeline(
                [Call("live_forget", [shard], tuple(gone)) for shard, gone in by_shard.items()]
            )
        except RedisError as fault:
            logger.warning("ended sessions stay in the index: %s", type(fault).__name__)

    def count(self) -> int:
        """Return how many sessions are live; an expired one counts until a page finds it."""
        calls = [Call("live_count", [shard], ()) for shard in _shards()]
        return sum(integer(reply) for reply in self._scripts.pipeline(calls))

    def count_each(self, public_ids: Sequence[str]) -> dict[str, int]:
        """Return how many sessions each of these users has, in one round trip."""
        received = self._slots.pipeline([SlotCall("list", public_id) for public_id in public_ids])
        return {
            public_id: len(replies.listed(reply))
            for public_id, reply in zip(public_ids, received, strict=True)
        }

    def page(
        self,
        limit: int,
        after: Entry | None = None,
        wanted: Callable[[Session], bool] | None = None,
    ) -> LivePage:
        """Return the newest live sessions, or the newest after an entry; those `wanted` alone.

        The number of commands is bounded, whatever the number of sessions. So a page may be short
        although there is another after it.
        """
        if wanted:
            return self._wanted_page(limit, after, wanted)
        found: list[Session] = []
        for _ in range(ROUNDS):
            entries, after = self._newest(limit - len(found), after)
            found += self._alive(entries)
            if after is None or len(found) == limit:
                break
        return LivePage(found, after)

    def _wanted_page(
        self, limit: int, after: Entry | None, wanted: Callable[[Session], bool]
    ) -> LivePage:
        """Return the page of `page`, of wanted sessions."""
        found: list[Session] = []
        began = time.monotonic()
        for _ in range(WANTED_ROUNDS):
            entries, after = self._newest(WANTED_STEP, after)
            matches = [session for session in self._alive(entries) if wanted(session)]
            room = limit - len(found)
            found += matches[:room]
            if len(matches) > room:
                return LivePage(found, _entry(found[-1]))
            if after is None or len(found) == limit or time.monotonic() - began > WANTED_SECONDS:
                break
        return LivePage(found, after)

    def _newest(self, limit: int, after: Entry | None) -> tuple[list[Entry], Entry | None]:
        """Return the newest entries of all shards, and the last of them if there are more."""
        share = 8 + limit // 16  # more than the part of a shard: one look is nearly always enough
        args = (share, after.at if after else "")
        found: list[Entry] = []
        complete_to = Entry(0, "")  # a shard may have entries older than this which it did not send
        calls = [Call("live_newest", [shard], args) for shard in _shards()]
        for reply in map(_shard_reply, self._scripts.pipeline(calls)):
            found += reply.older
            if after:
                found += [Entry(after.at, one) for one in reply.same_time if one < after.handle]
            if len(reply.older) == share:
                complete_to = max(complete_to, reply.older[-1])
        known = sorted((entry for entry in found if entry >= complete_to), reverse=True)
        taken = known[:limit]
        return taken, taken[-1] if taken and len(found) > len(taken) else None

    def _alive(self, entries: list[Entry]) -> list[Session]:
        """Return the sessions of entries, in their order; remove the entries of dead ones."""
        handles = (entry.handle.partition(".") for entry in entries)
        known = [(user, sid) for user, _, sid in handles]
        users = list(dict.fromkeys(user for user, _ in known))
        received = self._slots.pipeline(
            [
                SlotCall("list", user, sids=tuple(sid for owner, sid in known if owner == user))
                for user in users
            ]
        )
        live = {
            (user, row.sid): records.decode(user, row.sid, row.record)
            for user, reply in zip(users, received, strict=True)
            for row in replies.listed(reply)
        }
        self.remove([one for one in known if one not in live])
        return [session for one in known if (session := live.get(one))]


def _entry(session: Session) -> Entry:
    return Entry(session.created, handle(session.user, session.sid))


def _shard_reply(reply: Reply) -> ShardReply:
    match reply:
        case [same_time, older]:
            pairs = texts(older)
            entries = zip(pairs[::2], pairs[1::2], strict=True)
            return ShardReply(texts(same_time), [Entry(integer(at), name) for name, at in entries])
    raise UnexpectedReply("that of live_newest.lua")


def _shards() -> list[str]:
    return [keys.live(number) for number in range(SHARDS)]


def _shard(public_id: str) -> str:
    return keys.live(zlib.crc32(public_id.encode()) % SHARDS)
