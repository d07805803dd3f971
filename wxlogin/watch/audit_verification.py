"""Whether the audit trail is as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from wxlogin.models import AuditEntry
from wxlogin.watch.audit_chain import HEAD_LOST, START, TAIL_CUT, AuditHead, Chain, Head

BATCH = 1000
MOST_NAMED = 20


class Report(NamedTuple):
    """Entries looked at so far and in all; what the latest show that is wrong, or worth knowing."""

    seen: int
    total: int
    faults: list[str]
    notes: list[str]


def verified(sql: Engine, chain: Chain, audit_head: AuditHead) -> Iterator[Report]:
    """Go through the whole trail, a batch at a time; last of all its end."""
    head = audit_head.read()  # before the rows, which may become more meanwhile
    with Session(sql) as own:
        count = own.scalar(select(func.count()).select_from(AuditEntry)) or 0
    walk, seen = Walk(chain, head), 0
    while rows := _behind(sql, walk.last.number):
        faults = [fault for row in rows for fault in walk.step(row)]
        seen += len(rows)
        yield Report(seen, max(count, seen), faults, [n for row in rows for n in _lost_head(row)])
    yield Report(seen, max(count, seen), walk.end(), walk.without_outcome())


class Walk:
    """Goes along the chain, entry by entry."""

    def __init__(self, chain: Chain, head: Head | None) -> None:
        self.last = Head(0, START)
        self._chain = chain
        self._head = head
        self._at_head: Head | None = None
        self._open: set[int] = set()

    def step(self, row: AuditEntry) -> list[str]:
        """What is wrong with the next entry."""
        before, self.last = self.last, Head(row.number, row.mac)
        if self._head and row.number == self._head.number:
            self._at_head = self.last
        if row.intent is None:
            self._open |= {row.number} if row.outcome == "intent" else set()
        else:
            self._open.discard(row.intent)
        faults = []
        if row.act == TAIL_CUT:
            faults.append(f"Entry {row.number}: a tail had been cut off before it, {row.target}.")
        if row.number != before.number + 1:
            return [*faults, f"{_entries(before.number + 1, row.number - 1)} missing."]
        mac = self._chain.mac(row, before.mac)
        if mac is None:
            faults.append(f"Entry {row.number}: WXLOGIN_DATA_KEYS has no key {row.key_id!r}.")
        elif mac != row.mac:
            faults.append(f"Entry {row.number} was changed.")
        return faults

    def end(self) -> list[str]:
        """What the head in Redis says against the end of the trail."""
        if self._head is None:
            lost = "Redis does not know the latest entry: a cut tail would not show."
            return [lost] if self.last.number else []
        if self._head.number > self.last.number:
            return [f"{_entries(self.last.number + 1, self._head.number)} missing at the end."]
        if self._at_head != self._head:
            return [f"Entry {self._head.number} is not the one that Redis knows."]
        return []

    def without_outcome(self) -> list[str]:
        """Acts that never ended: the process was killed, or they are under way."""
        named = ", ".join(map(str, sorted(self._open)[:MOST_NAMED]))
        return [f"{len(self._open)} acts have no outcome: {named}."] if self._open else []


def _behind(sql: Engine, number: int) -> Sequence[AuditEntry]:
    """The next batch, read in a transaction of its own."""
    rows = select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number)
    with Session(sql) as own:
        return own.scalars(rows.limit(BATCH)).all()


def _lost_head(row: AuditEntry) -> list[str]:
    if row.act != HEAD_LOST:
        return []
    return [f"Entry {row.number}: Redis had lost the latest entry; a tail cut then does not show."]


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
