"""The errors of rate limits.

RateLimited
└── LimitReached     a counter in Redis says so
"""

from __future__ import annotations

import math

from wxlogin.service_error import ServiceError


class RateLimited(ServiceError):
    """The limit of this name refuses the request, for `left` seconds more."""

    def __init__(self, limit: str, left: float) -> None:
        super().__init__(retry_after=math.ceil(left))
        self.limit = limit
        self.left = left


class LimitReached(RateLimited):
    """The counter `key` is over its limit until its window ends."""

    def __init__(self, limit: str, left: float, key: str) -> None:
        super().__init__(limit, left)
        self.key = key
