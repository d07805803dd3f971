"""What Redis knows of logins that SQL has recorded: whether they got their session."""

from __future__ import annotations

from collections.abc import Sequence

from wxlogin.clock import Clock
from wxlogin.redisdb import keys
from wxlogin.redisdb.scripts import Scripts
from wxlogin.sessions import replies
from wxlogin.sessions.replies import Trace
from wxlogin.sessions.slots import SlotCall, Slots

Ref = tuple[str, str]
"""A session: the user's public id, and the id of the session."""


class Traces:
    """Finds out about sessions by their ids, in one round trip for many."""

    def __init__(self, scripts: Scripts, clock: Clock) -> None:
        self._slots = Slots(scripts, clock)

    def find(self, refs: Sequence[Ref]) -> list[Trace]:
        """Return for each session whether it was created, and which sessions its login ended."""
        return [replies.traced(reply) for reply in self._slots.pipeline(_calls("trace", refs))]

    def forget(self, refs: Sequence[Ref]) -> None:
        """Delete what tells which sessions these logins ended."""
        self._slots.pipeline(_calls("forget_trace", refs))


def _calls(script: str, refs: Sequence[Ref]) -> list[SlotCall]:
    return [SlotCall(script, tag, (sid,), (sid,), (keys.endings(tag),)) for tag, sid in refs]
