"""WeChat's session_key: one per user and app, sealed, in Redis alone, two hours at most.

WeChat keeps exactly one valid key for a user of an app and may change it at any wx.login
(checkSessionKey page), so the key that was exchanged last is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wxlogin.clock import Clock, milliseconds
from wxlogin.sessions import keys
from wxlogin.sessions.scripts import Call, Scripts
from wxlogin.sessions.windows import Window, charges, judge
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.held import held

PREVIOUS_MS = 60_000
FIELDS = ("stamp", "current", "until", "previous", "previous_until")


@dataclass(frozen=True)
class KeptKeys:
    """The session_key that counts, and the one before it while that may still be in use."""

    current: str = field(repr=False)
    previous: str | None = field(repr=False)
    stamp: str

    @property
    def all(self) -> list[str]:
        """The keys to try, newest first."""
        return [self.current, self.previous] if self.previous else [self.current]


class SessionKeys:
    """Keeps the session_key of each user."""

    def __init__(
        self,
        scripts: Scripts,
        vault: Vault,
        index: BlindIndex,
        clock: Clock,
        ttl: int,
    ) -> None:
        self._scripts = scripts
        self._vault = vault
        self._index = index
        self._clock = clock
        self._ttl_ms = ttl * 1000

    def keep(
        self,
        tag: str,
        session_key: str,
        stamp: int,
        previous_ms: int = PREVIOUS_MS,
        own: Sequence[Window] = (),
    ) -> int:
        """Keep the key that WeChat answered at `stamp` (ms); give back the seconds left
        of the key that counts.

        A key that WeChat gave earlier than the kept one is ignored: answers may overtake. Of a
        user who was just erased none is kept. The user's counters `own` count with it;
        RATE_LIMITED over one, when the key is kept already.
        """
        held.touch(session_key)
        place, now = keys.session_key(tag), milliseconds(self._clock)
        args = (
            now,
            stamp,
            self._vault.seal(session_key, place),
            self._index.of(session_key, f"session_key:{tag}")[0].digest[:16],
            self._ttl_ms,
            previous_ms,
        )
        until, *counts = self._scripts.ask_together(
            [Call("keep_session_key", [place, keys.mark(tag)], args), *charges(own)]
        )
        judge(own, counts)
        return max(0, int(until) - now) // 1000

    def fetch(self, tag: str) -> KeptKeys | None:
        """The user's keys, or None where none is kept."""
        place, now = keys.session_key(tag), milliseconds(self._clock)
        stamp, current, until, previous, previous_until = self._scripts.fields(place, *FIELDS)
        if not current or int(until or 0) <= now:
            return None
        opened = self._vault.open_kept(current, place)
        if opened is None:
            return None
        alive = previous and int(previous_until or 0) > now
        before = self._vault.open_kept(previous, place) if previous and alive else None
        kept = KeptKeys(opened, before, stamp or "")
        held.touch(*kept.all)
        return kept

    def forget(self, tag: str, kept: KeptKeys) -> None:
        """Forget keys that do not hold any more, unless a newer one has come."""
        self._scripts.run("forget_session_key", [keys.session_key(tag)], kept.stamp)
