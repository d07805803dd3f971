"""The ids of a user beside the public one, as each of the user's sessions holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wxlogin.clock import Clock
from wxlogin.redisdb.scripts import Scripts
from wxlogin.sessions.slots import SlotCall, Slots

MARK_MS = 3_600_000
"""How long a change waits for a login that had read SQL before it."""


class Ids(NamedTuple):
    """The person's id, and the team's own id of the user; empty where there is none.

    SQL counts their changes in `version`: of two sets of ids the one of the greater version wins.
    """

    person: str = ""
    external_id: str = ""
    version: int = 0


NO_IDS = Ids()


class IdsWriter:
    """Gives live sessions the ids that SQL has committed."""

    def __init__(self, scripts: Scripts, clock: Clock) -> None:
        self._slots = Slots(scripts, clock)

    def write(self, ids: Mapping[str, Ids]) -> None:
        """Give all sessions of these users, by public id, their ids, in one round trip.

        Of two changes the one of the greater version wins, whichever comes first. A login that had
        read SQL just before finds them too.
        """
        self._slots.pipeline(
            [
                SlotCall("set_ids", public_id, (one.version, one.person, one.external_id, MARK_MS))
                for public_id, one in ids.items()
            ]
        )
