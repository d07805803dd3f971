"""Why sessions end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

Why = Literal[
    "replaced",
    "evicted",
    "kicked",
    "signed_out",
    "expired",
    "banned",
    "erased",
    "app_disabled",
]
BlockReason = Literal["app", "banned", "erased"]

ITSELF = "wxlogin"
"""By whom sessions end that had been ended for good before."""


class Cause(NamedTuple):
    """Why sessions end, by whom, and the reason: a person's words, or the name of a wider act.

    `by` is an actor of the audit trail, or the id of the session of the user whose login or
    sign-out it was; empty if that is not known.
    """

    why: Why
    by: str = ""
    reason: str = ""


OnEnded = Callable[[str, Sequence[str], Cause], None]
"""Gets the tag of a user, the ids of the sessions that ended, and why."""

SIGNED_OUT = Cause("signed_out")
KICKED = Cause("kicked")
ENDED_BEFORE = KICKED._replace(by=ITSELF)
BLOCKED: dict[BlockReason, Cause] = {
    "app": Cause("app_disabled"),
    "banned": Cause("banned"),
    "erased": Cause("erased"),
}
"""Why the sessions of a user end who is blocked, where nobody says more."""


def ignore(_tag: str, _sids: Sequence[str], _cause: Cause) -> None:
    """Take no note of sessions that ended."""
