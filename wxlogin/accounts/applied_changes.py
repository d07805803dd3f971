"""Which changes of mini-programs have reached all of their users in Redis, as Redis itself says.

A copy of Redis, or a replica, tells by it what it lacks. Such a change takes a script for each user
and is not repeated where it has been made.
"""

from __future__ import annotations

from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions.store import Change

TTL_MS = 31_536_000_000
"""A year: no session is older."""


class AppliedChanges:
    """Notes the latest change of a mini-program, on every primary beside its other keys."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def note(self, appid: str, change: Change) -> None:
        """Note that a change has reached all users."""
        for name in self._names():
            self._scripts.call_once("write_hash", [name], TTL_MS, appid, _text(change))

    def has(self, appid: str, change: Change) -> bool:
        """Return whether a change has reached all users, on every primary."""
        noted = [self._scripts.fields(name, appid)[0] for name in self._names()]
        return all(one == _text(change) for one in noted)

    def _names(self) -> list[str]:
        return self._scripts.redis.one_key_per_server(keys.applied_changes())


def _text(change: Change) -> str:
    return f"{change.version} {change.void_before}"
