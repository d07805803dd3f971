"""A look at what one user's slot in Redis holds, past the store."""

from __future__ import annotations

from typing import cast

from redis import Redis

from wxlogin.redisdb import keys


class Slots:
    """Reads the keys of one user as they lie there."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    def names(self, public_id: str) -> set[str]:
        """The names of all keys of the user."""
        return set(cast("list[str]", self.redis.keys(f"{keys.slot(public_id)}*")))

    def records(self, public_id: str) -> set[str]:
        """The ids of the sessions that have a record, replaced ones in their grace among them."""
        start = keys.session(public_id, "")
        return {
            name.removeprefix(start) for name in self.names(public_id) if name.startswith(start)
        }

    def index(self, public_id: str) -> dict[str, int]:
        """The user's sessions and when each expires, in ms."""
        rows = cast(
            "list[tuple[str, float]]",
            self.redis.zrange(keys.index(public_id), 0, -1, withscores=True),
        )
        return {sid: int(score) for sid, score in rows}

    def tombstones(self, public_id: str) -> dict[str, str]:
        """Why sessions ended, and when."""
        return cast("dict[str, str]", self.redis.hgetall(keys.tombstones(public_id)))

    def seconds_left(self, name: str) -> float:
        """How long the key lives; the time that Redis takes to answer is rounded away."""
        return round(cast("int", self.redis.pttl(name)) / 1000)

    def immortal(self, public_id: str) -> set[str]:
        """The keys of the user that never expire."""
        return {name for name in self.names(public_id) if cast("int", self.redis.pttl(name)) < 0}
