"""The audit trail: who did what to whom, written before the act and after it.

Each entry carries an HMAC over itself and the HMAC of the entry before, so that a changed or
removed one shows. The latest is kept in Redis too, so that a cut tail shows.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from redis.exceptions import RedisError
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import AuditEntry
from wxlogin.watch.audit_chain import HEAD_LOST, START, AuditHead, Chain, Head, flaw_of
from wxlogin.watch.audit_verification import Report, verified

logger = logging.getLogger(__name__)

Outcome = Literal["intent", "done", "refused", "failed"]

ATTEMPTS = 100
PATIENCE = 25
MOST_WAIT = 0.02


@dataclass(frozen=True)
class Actor:
    """Who acts: `admin:NAME`, `token:ID` or `cli`, from which address, in which request."""

    name: str
    address: str = ""
    request_id: str = ""


COMMAND_LINE = Actor("cli")


@dataclass
class Act:
    """An act under way: what `detail` holds at its end stands in its outcome. Nothing personal."""

    number: int
    detail: dict[str, Any] = field(default_factory=dict)


class Audit:
    """Writes the trail, each entry in a transaction of its own."""

    def __init__(self, sql: Engine, chain: Chain, head: AuditHead, clock: Clock) -> None:
        self._sql = sql
        self._chain = chain
        self._head = head
        self._clock = clock
        self._turn = threading.Lock()

    @contextmanager
    def act(
        self,
        actor: Actor,
        act: str,
        target: str,
        *,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> Iterator[Act]:
        """Write the intent, let the act happen, write its outcome.

        Where the intent cannot be written the act does not happen: a store's fault, 503. The act
        has to commit what it changes.
        """
        words = {"act": act, "target": target, "reason": reason}
        under_way = Act(self._append(actor, "intent", detail or {}, **words))
        try:
            yield under_way
        except BaseException as fault:
            db.session.rollback()
            self._close(actor, under_way, words, fault)
            raise
        self._close(actor, under_way, words, None)

    def verified(self) -> Iterator[Report]:
        """Whether the trail is as it was written, a batch at a time."""
        return verified(self._sql, self._chain, self._head)

    def _close(
        self, actor: Actor, act: Act, words: Mapping[str, str], fault: BaseException | None
    ) -> None:
        """Write the outcome. What is done stays done, also where its outcome cannot be written."""
        outcome, more = _judged(fault)
        try:
            self._append(actor, outcome, {**act.detail, **more}, **words, intent=act.number)
        except (ApiError, RedisError, SQLAlchemyError):
            logger.exception("audit.outcome_lost: entry %d", act.number)

    def _append(
        self, actor: Actor, outcome: Outcome, detail: Mapping[str, Any], **columns: Any
    ) -> int:
        """Add an entry; its number. Threads wait for their turn, other workers' are retried."""
        entry = {
            "actor": actor.name,
            "address": actor.address,
            "request_id": actor.request_id,
            "outcome": outcome,
            "detail": json.dumps(detail, separators=(",", ":")),
            **columns,
        }
        with self._turn:
            for attempt in range(ATTEMPTS):
                number = self._tried(entry, patient=attempt < PATIENCE)
                if number:
                    return number
                time.sleep(random.uniform(0, MOST_WAIT))  # noqa: S311  # nosec B311
        raise ApiError(errors.STORE_UNAVAILABLE)

    def _tried(self, columns: Mapping[str, Any], *, patient: bool) -> int | None:
        """Add an entry behind the latest; None where another worker did so at the same time.

        A head that contradicts the rows is written down first, before it is overtaken. One that is
        missing may be on its way from the worker that wrote the first entry: `patient` waits.
        """
        head = self._head.read()  # before the rows
        with Session(self._sql) as own:
            newest = select(AuditEntry.number, AuditEntry.mac).order_by(AuditEntry.number.desc())
            row = own.execute(newest.limit(1)).one_or_none()
            last = Head(*row) if row else None
            flaw = flaw_of(head, last)
            if flaw == HEAD_LOST and patient:
                return None
            if flaw:
                logger.error("%s: an entry tells of it", flaw)
                last = self._written(own, last, _note(flaw, head))
            added = self._written(own, last, columns)
            try:
                own.commit()
            except IntegrityError:
                return None
        self._head.advance(added, anyway=bool(flaw))
        return added.number

    def _written(self, own: Session, last: Head | None, columns: Mapping[str, Any]) -> Head:
        """Put an entry into the transaction."""
        number, before = (last.number + 1, last.mac) if last else (1, START)
        at = datetime.fromtimestamp(int(self._clock()), UTC)
        entry = AuditEntry(
            number=number, at=at, key_id=self._chain.newest, **{"intent": None, **columns}
        )
        mac = self._chain.mac(entry, before)
        assert mac is not None  # the newest key is held
        entry.mac = mac
        own.add(entry)
        return Head(number, mac)


def _judged(fault: BaseException | None) -> tuple[Outcome, dict[str, str]]:
    """The outcome of an act that ended so, and what its entry says of it."""
    if fault is None:
        return "done", {}
    if isinstance(fault, ApiError):
        outcome: Outcome = "refused" if fault.entry.status < 500 else "failed"
        return outcome, {"code": fault.entry.code}
    return "failed", {"fault": type(fault).__name__}


def _note(flaw: str, head: Head | None) -> dict[str, Any]:
    return {
        "actor": "wxlogin",
        "act": flaw,
        "target": f"entry:{head.number if head else 0}",
        "outcome": "done",
        "reason": "",
        "detail": json.dumps({"mac": head.mac if head else ""}),
        "address": "",
        "request_id": "",
    }
