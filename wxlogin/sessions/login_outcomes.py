"""What Redis knows of logins that SQL has recorded: whether they got their session."""

from __future__ import annotations

from collections.abc import Sequence

from wxlogin.clock import Clock
from wxlogin.redisdb import keys
from wxlogin.redisdb.scripts import Scripts
from wxlogin.sessions import replies
from wxlogin.sessions.replies import LoginOutcome
from wxlogin.sessions.slots import SlotCall, Slots

Ref = tuple[str, str]
"""A session: the user's public id, and the id of the session."""


class LoginOutcomes:
    """Finds out about sessions by their ids, in one round trip for many."""

    def __init__(self, scripts: Scripts, clock: Clock) -> None:
        self._slots = Slots(scripts, clock)

    def find(self, refs: Sequence[Ref]) -> list[LoginOutcome]:
        """Return for each session whether it was created, and which sessions its login ended."""
        return [
            replies.login_outcome(reply)
            for reply in self._slots.pipeline(_calls("login_outcome", refs))
        ]

    def forget(self, refs: Sequence[Ref]) -> None:
        """Delete what tells which sessions these logins ended."""
        self._slots.pipeline(_calls("forget_login_outcome", refs))


def _calls(script: str, refs: Sequence[Ref]) -> list[SlotCall]:
    return [
        SlotCall(script, public_id, (sid,), (sid,), (keys.ended_by_login(public_id),))
        for public_id, sid in refs
    ]
