"""The acts of the audit trail, as people read it: one for both entries of an act."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from wxlogin.database.counting import count_rows, in_order
from wxlogin.models import AuditEntry
from wxlogin.watch.time_range import id_bounds, unindexed

INTENT = "intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFilter:
    """Which acts a page has; None means any. The times bound when an act ended.

    `acts` wants one of several.
    """

    actor: str | None = None
    act: str | None = None
    acts: tuple[str, ...] = ()
    target: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


ALL_ACTS = ActFilter()


@dataclass(frozen=True, slots=True)
class AuditAct:
    """An act by its last entry; `detail` has what both entries say.

    An act of which nobody knows how it ended, or which is under way, has its intent alone.
    """

    entry: AuditEntry
    detail: Mapping[str, Any]


class AuditActs:
    """Lists the acts of the audit trail."""

    def __init__(self, current_session: Callable[[], Session]) -> None:
        self._current_session = current_session

    def page(
        self,
        limit: int | None = None,
        *,
        before: int | None = None,
        wanted: ActFilter = ALL_ACTS,
    ) -> Sequence[AuditAct]:
        """Return up to `limit` acts that the filter wants, in its order.

        `before` is the row id at which the previous page ended.
        """
        behind, order = in_order(AuditEntry.id, before, oldest_first=wanted.oldest_first)
        query = select(AuditEntry).where(*_conditions(wanted), *self._times(wanted), *behind)
        query = query.order_by(order)
        entries = self._current_session().scalars(query.limit(limit)).all()
        asked = self._details([entry.intent for entry in entries if entry.intent is not None])
        return [
            AuditAct(entry, {**asked.get(entry.intent or 0, {}), **json.loads(entry.detail)})
            for entry in entries
        ]

    def count(self, wanted: ActFilter = ALL_ACTS) -> int:
        """Return how many acts the filter wants, as `count_rows` counts."""
        conditions = [*_conditions(wanted), *self._times(wanted)]
        return count_rows(self._current_session(), AuditEntry.id, conditions)

    def _times(self, wanted: ActFilter) -> list[ColumnElement[bool]]:
        since, until = wanted.since, wanted.until
        found = id_bounds(self._current_session(), AuditEntry.id, AuditEntry.at, since, until)
        at = unindexed(AuditEntry.at) if until else AuditEntry.at
        if since is not None:
            found.append(at >= since)
        if until is not None:
            found.append(at < until)
        return found

    def _details(self, intents: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return what the intents of these numbers say in detail."""
        query = select(AuditEntry.number, AuditEntry.detail)
        rows = self._current_session().execute(query.where(AuditEntry.number.in_(intents)))
        return {number: json.loads(detail) for number, detail in rows}


def _conditions(wanted: ActFilter) -> list[ColumnElement[bool]]:
    equal = (
        (AuditEntry.actor, wanted.actor),
        (AuditEntry.act, wanted.act),
        (AuditEntry.target, wanted.target),
        (AuditEntry.outcome, wanted.outcome),
    )
    found = [column == value for column, value in equal if value is not None]
    if wanted.acts:
        found.append(AuditEntry.act.in_(wanted.acts))
    closing = aliased(AuditEntry)
    is_open = ~exists().where(closing.intent == AuditEntry.number)
    return [*found, or_(AuditEntry.outcome != INTENT, is_open)]
