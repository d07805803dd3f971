"""The ids of a user beside the public one, as each of the user's sessions holds them."""

from __future__ import annotations

from typing import NamedTuple


class Ids(NamedTuple):
    """The person's id, and the team's own id of the user; empty where there is none.

    SQL counts their changes in `version`: of two sets of ids the one of the greater version wins.
    """

    person: str = ""
    external_id: str = ""
    version: int = 0
