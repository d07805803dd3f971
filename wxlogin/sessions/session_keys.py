"""WeChat's session_key: one per user and app, sealed, only in Redis, for two hours at most.

WeChat keeps exactly one valid key for a user of an app and may change it at any wx.login
(checkSessionKey page), so the key that was exchanged last is the current one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wxlogin.clock import Clock, milliseconds
from wxlogin.limits.windows import Window, hits, judge
from wxlogin.redisdb import keys
from wxlogin.redisdb.scripts import Call, Scripts
from wxlogin.sessions import replies
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.leak_guard import leak_guard

PREVIOUS_MS = 60_000
FIELDS = ("stamp", "current", "until", "previous", "previous_until")


@dataclass(frozen=True)
class StoredKeys:
    """The current session_key, and the previous one while clients may still use it.

    `stamp` says when WeChat answered with the current one.
    """

    current: str = field(repr=False)
    previous: str | None = field(repr=False)
    stamp: str

    @property
    def all(self) -> list[str]:
        """The keys to try, newest first."""
        return [self.current, self.previous] if self.previous else [self.current]


class Saved(NamedTuple):
    """For how many more seconds the current key is stored, and the ids of the user's sessions."""

    expires_in: int
    sids: tuple[str, ...]


class SessionKeys:
    """Stores the session_key of each user."""

    def __init__(
        self,
        scripts: Scripts,
        vault: Vault,
        index: BlindIndex,
        clock: Clock,
        ttl: int,
    ) -> None:
        self._scripts = scripts
        self._redis = scripts.redis
        self._vault = vault
        self._index = index
        self._clock = clock
        self._ttl_ms = ttl * 1000

    def save(
        self,
        public_id: str,
        session_key: str,
        stamp: int,
        previous_ms: int = PREVIOUS_MS,
        windows: Sequence[Window] = (),
    ) -> Saved:
        """Store the key that WeChat answered at `stamp` (ms).

        Return how long the current key stays, and the user's sessions; none of an erased user's.
        A key older than the stored one is ignored: answers may overtake one another. For a user
        who was just erased none is stored. The same round trip counts in the user's windows;
        LimitReached over a limit, after the key was stored.
        """
        leak_guard.track(session_key)
        key, now = keys.session_key(public_id), milliseconds(self._clock)
        args = (
            now,
            stamp,
            self._vault.seal(session_key, aad=key),
            self._index.digests(session_key, f"session_key:{public_id}")[0].digest[:16],
            self._ttl_ms,
            previous_ms,
        )
        reply, *counts = self._scripts.pipeline(
            [
                Call("keep_session_key", [key, keys.mark(public_id), keys.index(public_id)], args),
                *hits(windows),
            ]
        )
        judge(windows, counts)
        kept = replies.kept(reply)
        return Saved(max(0, kept.until - now) // 1000, tuple(kept.sids))

    def get(self, public_id: str) -> StoredKeys | None:
        """Return the user's keys, or None if none is stored."""
        key, now = keys.session_key(public_id), milliseconds(self._clock)
        stamp, current, until, previous, previous_until = self._scripts.fields(key, *FIELDS)
        if not current or int(until or 0) <= now:
            return None
        opened = self._vault.open_or_none(current, aad=key)
        if opened is None:
            return None
        alive = previous and int(previous_until or 0) > now
        before = self._vault.open_or_none(previous, aad=key) if previous and alive else None
        stored = StoredKeys(opened, before, stamp or "")
        leak_guard.track(*stored.all)
        return stored

    def sealed_by(self, public_ids: Sequence[str], key_id: str) -> list[str]:
        """Return which of these users have a session_key that a data key sealed."""
        named = {keys.session_key(public_id): public_id for public_id in public_ids}
        rows = self._scripts.fields_of(list(named), "current", "previous")
        begin = f"{key_id}."
        return [
            named[key]
            for key, sealed in rows.items()
            if any(text and text.startswith(begin) for text in sealed)
        ]

    def delete_all(self, public_ids: Sequence[str]) -> None:
        """Delete the session_keys of these users."""
        for public_id in public_ids:
            self._redis.delete(keys.session_key(public_id))

    def delete(self, public_id: str, stored: StoredKeys) -> None:
        """Delete keys that WeChat no longer accepts, unless a newer one was stored meanwhile."""
        self._scripts.call_once("forget_session_key", [keys.session_key(public_id)], stored.stamp)
