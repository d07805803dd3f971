"""Why sessions end."""

from __future__ import annotations

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

    @property
    def is_sign_out(self) -> bool:
        """Whether such an end is told as `user.logged_out`: nothing else tells of it."""
        signed_out = self.why in ("signed_out", "kicked", "app_disabled")
        return signed_out and self.by != ITSELF and self != JOINED

    @property
    def is_of_a_login(self) -> bool:
        """Whether another login of the user took the session's place."""
        return self.why in ("replaced", "evicted")


SIGNED_OUT = Cause("signed_out")
KICKED = Cause("kicked")
JOINED = Cause("kicked", "cli", "users.merge")
"""Of a user who is joined with another, and then is gone."""
ENDED_BEFORE = KICKED._replace(by=ITSELF)
BLOCKED: dict[BlockReason, Cause] = {
    "app": Cause("app_disabled"),
    "banned": Cause("banned"),
    "erased": Cause("erased"),
}
"""Why the sessions of a user end who is blocked, where nobody says more."""
