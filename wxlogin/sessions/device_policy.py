"""The device policy: how many sessions a user may have, and which of them a login ends.

It comes from the settings; create.lua applies it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class DevicePolicy(NamedTuple):
    """Which sessions of the user a login ends, in the order in which create.lua takes it.

    `single`: only those over the limit, all, or those of the same platform. `overflow`: over
    `max_sessions` the oldest session ends, or the login is refused.
    """

    single: Literal["off", "all", "per-platform"]
    max_sessions: int
    overflow: Literal["evict", "refuse"]
