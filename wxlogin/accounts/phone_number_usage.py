"""How often an app got a phone number from WeChat, which charges for it: by day in Beijing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from redis.exceptions import RedisError

from wxlogin.clock import Clock
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import integers
from wxlogin.redisdb.scripts import Call

BEIJING = timezone(timedelta(hours=8))
"""WeChat's day, by which it counts quotas; China has no summer time."""
DAY = timedelta(days=1)
KEPT_MS = 3 * 86_400_000

logger = logging.getLogger(__name__)


class Calls(NamedTuple):
    """The calls of an app today and yesterday."""

    today: int
    yesterday: int


class PhoneNumberUsage:
    """Counts calls in Redis, for all workers and hosts together; no call fails because of it."""

    def __init__(
        self,
        scripts: Scripts,
        clock: Clock,
        most: int,
        record_many: Callable[[str, str, int], None],
    ) -> None:
        """`record_many` gets appid, day and number when a day has more than `most`; 0 is no bound.

        It is called once an app and day: one call alone is the first over the bound.
        """
        self._scripts = scripts
        self._clock = clock
        self._most = most
        self._record_many = record_many

    def count(self, appid: str) -> None:
        """Count a call that gave a number. While Redis is out it is not counted."""
        day = self._today()
        try:
            reply = self._scripts.call_once("charge", [_key(appid, day)], 1, KEPT_MS)
        except RedisError as fault:
            logger.warning("a call for a phone number is not counted: %s", type(fault).__name__)
            return
        (calls,) = integers([reply])
        if self._most and calls == self._most + 1:
            self._record_many(appid, day.isoformat(), calls)

    def read(self, appids: Sequence[str]) -> dict[str, Calls]:
        """Return the calls of these apps; nothing while Redis is out."""
        today = self._today()
        asked = [_key(appid, day) for appid in appids for day in (today, today - DAY)]
        try:
            replies = self._scripts.pipeline([Call("charge", [k], (0, KEPT_MS)) for k in asked])
        except RedisError as fault:
            logger.warning("the calls for phone numbers are not known: %s", type(fault).__name__)
            return {}
        counts = integers(replies)
        pairs = zip(counts[::2], counts[1::2], strict=True)
        return {appid: Calls(*pair) for appid, pair in zip(appids, pairs, strict=True)}

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock(), BEIJING).date()


def _key(appid: str, day: date) -> str:
    return keys.phone_calls(appid, day.isoformat())
