"""The audit trail: who did what to which target, written before the act and after it.

Each entry carries an HMAC over itself and the HMAC of the previous entry, so that a changed or
removed entry is detected. Redis holds the latest one too, so that a truncated trail is detected.
"""

from __future__ import annotations

import json
import logging
import random
import syslog
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from redis.exceptions import RedisError
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.clock import Clock
from wxlogin.models import AuditEntry
from wxlogin.watch.audit_chain import HEAD_LOST, START, AuditHead, Chain, Head, find_flaw
from wxlogin.watch.audit_verification import Report, verify
from wxlogin.watch.errors import AuditUnavailable

logger = logging.getLogger(__name__)
stream = structlog.get_logger("wxlogin.audit")
"""The log that holds a line for each entry."""

Outcome = Literal["intent", "done", "refused", "failed"]
OutcomeOf = Callable[[BaseException], tuple[Outcome, dict[str, str]]]
"""Returns how an act that raised this ended, and the members it adds to the entry's `detail`."""

MAX_ATTEMPTS = 100
ATTEMPTS_WITHOUT_HEAD = 25
MAX_WAIT_SECONDS = 0.02


@dataclass(frozen=True)
class Actor:
    """Who acts, from which address, in which request: `admin:NAME`, `token:ID`, `cli`, `wechat`, or
    `user` for the target itself."""

    name: str
    address: str = ""
    request_id: str = ""


COMMAND_LINE = Actor("cli")
OWN = "wxlogin"
"""The actor of what the trail notes of itself."""


@dataclass
class Act:
    """An act in progress. The entry of its outcome contains `detail`, which holds no personal
    data."""

    number: int
    detail: dict[str, Any] = field(default_factory=dict)


class Audit:
    """Writes the audit trail, each entry in a transaction of its own."""

    def __init__(
        self,
        sql: Engine,
        current_session: Callable[[], Session],
        chain: Chain,
        head: AuditHead,
        clock: Clock,
        outcome_of: OutcomeOf,
    ) -> None:
        self._sql = sql
        self._current_session = current_session
        self._chain = chain
        self._head = head
        self._clock = clock
        self._outcome_of = outcome_of
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
        """Write the intent, run the block, write its outcome.

        The block has to commit its changes. It does not run if the intent cannot be written: then
        this raises AuditUnavailable, or the error of the store.
        """
        columns = {"act": act, "target": target, "reason": reason}
        self._release_connection()
        started = Act(self._append(actor, "intent", detail or {}, **columns))
        try:
            yield started
        except BaseException as fault:
            self._release_connection()
            outcome, more = self._outcome_of(fault)
            self._close(actor, started, columns, outcome, more)
            raise
        self._release_connection()
        self._close(actor, started, columns, "done", {})

    def record(self, actor: Actor, act: str, target: str) -> None:
        """Write one entry for what is done already and changed nothing, such as a read."""
        self._release_connection()
        self._append(actor, "done", {}, act=act, target=target, reason="")

    def addresses(self, target: str, acts: Sequence[str]) -> Sequence[str]:
        """Return the addresses from which any of these acts on a target was done."""
        done = (
            AuditEntry.target == target,
            AuditEntry.act.in_(acts),
            AuditEntry.outcome == "done",
        )
        # The request's own session: whoever holds its connection may not wait for another.
        session = self._current_session()
        return session.scalars(select(AuditEntry.address).where(*done).distinct()).all()

    def verify(self) -> Iterator[Report]:
        """Check the whole trail and yield a report after each batch."""
        self._chain.load()
        return verify(self._sql, self._chain, self._head)

    def _release_connection(self) -> None:
        """Return the request's connection to the pool.

        The trail writes over a connection of its own, and no thread may wait for one while it
        holds another. What was read is read again where it is needed; what was changed is
        committed by now or dropped.
        """
        self._current_session().rollback()

    def _close(
        self,
        actor: Actor,
        act: Act,
        columns: Mapping[str, str],
        outcome: Outcome,
        more: Mapping[str, str],
    ) -> None:
        """Write the outcome. The act is not undone if its outcome cannot be written."""
        try:
            self._append(actor, outcome, {**act.detail, **more}, **columns, intent=act.number)
        except (AuditUnavailable, RedisError, SQLAlchemyError):
            logger.exception("audit.outcome_lost: entry %d", act.number)

    def _append(
        self, actor: Actor, outcome: Outcome, detail: Mapping[str, Any], **columns: Any
    ) -> int:
        """Add an entry and return its number.

        Threads of this process take turns; a collision with another process is retried.
        """
        entry = {
            "actor": actor.name,
            "address": actor.address,
            "request_id": actor.request_id,
            "outcome": outcome,
            "detail": json.dumps(detail, separators=(",", ":")),
            **columns,
        }
        with self._turn:
            for attempt in range(MAX_ATTEMPTS):
                number = self._try_append(entry, wait_for_head=attempt < ATTEMPTS_WITHOUT_HEAD)
                if number:
                    return number
                time.sleep(random.uniform(0, MAX_WAIT_SECONDS))  # noqa: S311
        raise AuditUnavailable

    def _try_append(self, columns: Mapping[str, Any], *, wait_for_head: bool) -> int | None:
        """Add an entry after the latest; return None if another process did so at the same time.

        If the head contradicts the rows, an entry about that is written first. A missing head may
        still be on its way from the process that wrote the first entry: `wait_for_head` returns
        None for it, so that the caller tries again.
        """
        head = self._head.read()  # before the rows
        with Session(self._sql) as session:
            newest = select(AuditEntry.number, AuditEntry.mac).order_by(AuditEntry.number.desc())
            row = session.execute(newest.limit(1)).one_or_none()
            last = Head(*row) if row else None
            flaw = find_flaw(head, last)
            if flaw == HEAD_LOST and wait_for_head:
                return None
            entries = [*([_flaw_columns(flaw, head)] if flaw else []), columns]
            added = [last or Head(0, START)]
            for entry in entries:
                added.append(self._add(session, added[-1], entry))
            try:
                session.commit()
            except IntegrityError:
                return None
        self._head.advance(added[-1], force=bool(flaw))
        for entry, place in zip(entries, added[1:], strict=True):
            _log(entry, place)
        return added[-1].number

    def _add(self, session: Session, last: Head, columns: Mapping[str, Any]) -> Head:
        """Add an entry after the last to the transaction."""
        number, previous = last.number + 1, last.mac
        at = datetime.fromtimestamp(int(self._clock()), UTC)
        entry = AuditEntry(
            number=number, at=at, key_id=self._chain.newest, **{"intent": None, **columns}
        )
        mac = self._chain.mac(entry, previous)
        assert mac is not None  # the newest key is held
        entry.mac = mac
        session.add(entry)
        return Head(number, mac)


def _log(entry: Mapping[str, Any], place: Head) -> None:
    """Log an entry: whoever can write both stores can change the trail there, but not the log.

    A command has a terminal in place of a log, so its entries go to the machine's.
    """
    line = {name: entry[name] for name in ("act", "actor", "target", "outcome")}
    line |= {"number": place.number, "mac": place.mac}
    if entry["actor"] == COMMAND_LINE.name:
        syslog.openlog("wxlogin.audit", facility=syslog.LOG_AUTH)
        syslog.syslog(syslog.LOG_NOTICE, json.dumps(line))
        return
    log = stream.error if entry["actor"] == OWN else stream.info
    log("audit", **line)


def _flaw_columns(flaw: str, head: Head | None) -> dict[str, Any]:
    return {
        "actor": OWN,
        "act": flaw,
        "target": f"entry:{head.number if head else 0}",
        "outcome": "done",
        "reason": "",
        "detail": json.dumps({"mac": head.mac if head else ""}),
        "address": "",
        "request_id": "",
    }
