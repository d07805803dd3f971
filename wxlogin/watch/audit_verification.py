"""Checks that the audit trail is as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from wxlogin.models import AuditEntry
from wxlogin.plural import plural
from wxlogin.watch.audit_chain import (
    HEAD_ACCEPTED,
    HEAD_LOST,
    START,
    TAIL_CUT,
    AuditHead,
    Chain,
    Head,
)

BATCH = 1000
MAX_NAMED = 20


class Report(NamedTuple):
    """The number of entries checked so far and in all, and what the latest batch shows.

    `faults` are sentences about what is wrong, `notes` about what an operator should know.
    """

    seen: int
    total: int
    faults: list[str]
    notes: list[str]


def verify(
    sql: Engine, chain: Chain, audit_head: AuditHead, *, newest: int | None = None
) -> Iterator[Report]:
    """Check the whole trail batch by batch, or its `newest` entries, and its end last."""
    head = audit_head.read()  # before the rows, which may become more meanwhile
    with Session(sql) as session:
        count = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        start = _before_newest(session, newest) if newest is not None else Head(0, START)
    count = min(count, newest) if newest is not None else count
    check, seen = ChainCheck(chain, head, start), 0
    while rows := _next_batch(sql, check.last.number):
        faults = [fault for row in rows for fault in check.entry(row)]
        seen += len(rows)
        yield Report(seen, max(count, seen), faults, [])
    yield Report(seen, max(count, seen), check.end(), check.without_outcome())


class ChainCheck:
    """Checks the chain entry by entry, in order."""

    def __init__(self, chain: Chain, head: Head | None, start: Head) -> None:
        """`start` is the entry before the first one that is checked."""
        self.last = start
        self._chain = chain
        self._head = head
        self._at_head: Head | None = None
        self._open: set[int] = set()
        self._lost: list[int] = []

    def entry(self, row: AuditEntry) -> list[str]:
        """Return what is wrong with the next entry."""
        previous, self.last = self.last, Head(row.number, row.mac)
        if self._head and row.number == self._head.number:
            self._at_head = self.last
        self._note(row)
        faults = []
        if row.act == TAIL_CUT:
            faults.append(f"Entry {row.number}: a tail had been cut off before it, {row.target}.")
        if row.number != previous.number + 1:
            return [*faults, f"{_entries(previous.number + 1, row.number - 1)} missing."]
        mac = self._chain.mac(row, previous.mac)
        if mac is None:
            faults.append(f"Entry {row.number}: WXLOGIN_DATA_KEYS has no key {row.key_id!r}.")
        elif mac != row.mac:
            faults.append(f"Entry {row.number} was changed.")
        return faults

    def _note(self, row: AuditEntry) -> None:
        """Keep which acts have no outcome, and which lost heads nobody accepted."""
        if row.intent is None:
            self._open |= {row.number} if row.outcome == "intent" else set()
        else:
            self._open.discard(row.intent)
        if row.act == HEAD_LOST:
            self._lost.append(row.number)
        elif row.act == HEAD_ACCEPTED and row.outcome == "done":
            self._lost.clear()

    def end(self) -> list[str]:
        """Return what is wrong with the heads that Redis held, the latest one last."""
        lost = [
            f"Entry {number}: Redis had lost the latest entry; a tail that was cut off then does "
            "not show. `audit accept-head` accepts it."
            for number in self._lost
        ]
        return [*lost, *self._latest()]

    def _latest(self) -> list[str]:
        """Return how the end of the trail contradicts the head in Redis."""
        if self._head is None:
            lost = "Redis does not know the latest entry: a cut tail would not show."
            return [lost] if self.last.number else []
        if self._head.number > self.last.number:
            return [f"{_entries(self.last.number + 1, self._head.number)} missing at the end."]
        if self._at_head != self._head:
            return [f"Entry {self._head.number} is not the one that Redis knows."]
        return []

    def without_outcome(self) -> list[str]:
        """Return the acts without an outcome: the process was killed, or they still run."""
        named = ", ".join(map(str, sorted(self._open)[:MAX_NAMED]))
        acts = plural(len(self._open), "act has", "acts have")
        return [f"{acts} no outcome: {named}."] if self._open else []


def _before_newest(session: Session, newest: int) -> Head:
    """Return the entry before the newest ones; what stands before it is not checked."""
    entries = select(AuditEntry.number, AuditEntry.mac).order_by(AuditEntry.number.desc())
    row = session.execute(entries.offset(newest).limit(1)).one_or_none()
    return Head(*row) if row else Head(0, START)


def _next_batch(sql: Engine, number: int) -> Sequence[AuditEntry]:
    """Return the entries after a number, read in a transaction of their own."""
    rows = select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number)
    with Session(sql) as session:
        return session.scalars(rows.limit(BATCH)).all()


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"
