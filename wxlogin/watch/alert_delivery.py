"""Sends alerts until every channel has taken them, and says once when one is over.

The table coordinates the workers: a row lock decides which of them sends a message. If a worker
dies, another one sends its alerts to those who have not taken them. A mail server that is dead
holds up no webhook: all that is due goes to the first channel before anything goes to the next.

An alert with a window is over when nothing more was found for as long as the window, ten minutes
at least. `quiet_at` is when that will be; every finding moves it on. Of a rule and subject that go
on into the next hour only the latest alert tells.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, update

from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.models import Alert
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.alert_words import Notice
from wxlogin.watch.channels import Channels
from wxlogin.watch.messages import Message

CLAIM_SECONDS = 60
BACKOFF_SECONDS = 10
MAX_ATTEMPTS = 10
QUIET = timedelta(minutes=10)
"""The shortest time without anything new after which an alert is over."""

logger = logging.getLogger(__name__)


class Due(NamedTuple):
    """The column that says when a message is due, and that of when it was taken by all."""

    at: str
    done: str


RAISED = Due("next_at", "delivered_at")
OVER = Due("quiet_at", "over_at")


@dataclass
class Sending:
    """A message that this worker has claimed: where it is still to go, and how it went so far.

    `attempts` counts the claims, this one included.
    """

    due: Due
    alert: Row[Any]
    attempts: int
    left: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    faults: dict[str, str] = field(default_factory=dict)


class AlertDelivery:
    """Sends what is due."""

    def __init__(self, sql: Engine, clock: Clock, channels: Channels) -> None:
        self._sql = sql
        self._clock = clock
        self._channels = channels
        self._delivering = threading.Lock()

    def deliver(self) -> None:
        """Send the messages that are due; of several workers, one sends each."""
        if not self._channels:
            return
        with self._delivering:
            waiting: deque[Sending] = deque()
            while True:
                while sending := self._claim_next(RAISED) or self._claim_next(OVER):
                    self._go_on(sending, waiting)
                if not waiting:
                    return
                if self._is_ours(sending := waiting.popleft()):
                    self._go_on(sending, waiting)

    def _claim_next(self, due: Due) -> Sending | None:
        """Claim an alert of which a message is due for this worker, for a minute."""
        now, at = utc_now(self._clock), getattr(Alert, due.at)
        # Only of known rules: during an upgrade a newer worker may have others.
        known = select(Alert.__table__).where(at <= now, Alert.rule.in_(BY_NAME))
        if due is OVER:
            known = known.where(Alert.delivered_at.is_not(None))
        while True:
            with self._sql.begin() as connection:
                found = connection.execute(known.order_by(at).limit(1)).first()
                if found is None:
                    return None
                claimed = self._claim(connection, due, found, now)
            if claimed:
                return self._begin(due, found)

    def _claim(self, connection: Connection, due: Due, found: Row[Any], now: datetime) -> bool:
        """Claim an alert; return False if another worker claimed it since it was found."""
        own, at = Alert.id == found.id, getattr(Alert, due.at)
        lock_rows(connection, Alert, own)
        unclaimed = Alert.attempts == found.attempts, at == getattr(found, due.at)
        if connection.scalar(select(Alert.id).where(own, *unclaimed)) is None:
            return False
        until = now + timedelta(seconds=CLAIM_SECONDS)
        self._write(connection, own, attempts=found.attempts + 1, **{due.at: until})
        return True

    def _begin(self, due: Due, alert: Row[Any]) -> Sending:
        taken = set((alert.taken_by or "").split())
        left = [name for name in self._channels.names if name not in taken]
        if due is OVER and self._goes_on(alert):
            left = []
        return Sending(due, alert, alert.attempts + 1, left, taken)

    def _is_ours(self, sending: Sending) -> bool:
        """Return whether no other worker has claimed a message that waited, and claim it longer."""
        at, own = getattr(Alert, sending.due.at), Alert.id == sending.alert.id
        with self._sql.begin() as connection:
            lock_rows(connection, Alert, own)
            unclaimed = Alert.attempts == sending.attempts, at.is_not(None)
            if connection.scalar(select(Alert.id).where(own, *unclaimed)) is None:
                return False
            self._write(connection, own, **self._until(sending, 1))
        return True

    def _go_on(self, sending: Sending, waiting: deque[Sending]) -> None:
        """Send a message to the next channel; what is to go to a further one waits."""
        if sending.left:
            name = sending.left.pop(0)
            if fault := self._channels.post(name, self._message(sending.due, sending.alert)):
                sending.faults[name] = fault
            else:
                sending.taken.add(name)
        if sending.left:
            # Written now: whoever has taken it is not told again if this worker dies meanwhile.
            self._save(sending, sending.taken, self._until(sending, 2 + len(waiting)))
            waiting.append(sending)
        else:
            self._finish(sending)

    def _finish(self, sending: Sending) -> None:
        """Note how it went; of the last attempt, that whoever took it is to hear of the end."""
        for name, fault in sending.faults.items():
            logger.warning(
                "alert %d was not taken by %s (attempt %d): %s",
                sending.alert.id,
                name,
                sending.attempts,
                fault,
            )
        if sending.faults and sending.attempts < MAX_ATTEMPTS:
            wait = timedelta(seconds=BACKOFF_SECONDS * 2 ** (sending.attempts - 1))
            columns = {sending.due.at: utc_now(self._clock) + wait}
            self._save(sending, sending.taken, columns)
        elif sending.faults and not sending.taken:
            self._save(sending, (), {sending.due.at: None})
        else:
            self._save(sending, (), self._done(sending.due, sending.alert))

    def _save(self, sending: Sending, taken: Collection[str], columns: Mapping[str, Any]) -> None:
        with self._sql.begin() as connection:
            own = Alert.id == sending.alert.id
            self._write(connection, own, taken_by=" ".join(sorted(taken)), **columns)

    def _until(self, sending: Sending, turns: int) -> dict[str, datetime]:
        """Return the column of a claim that lasts for so many turns."""
        until = utc_now(self._clock) + timedelta(seconds=CLAIM_SECONDS * turns)
        return {sending.due.at: until}

    def _done(self, due: Due, alert: Row[Any]) -> dict[str, Any]:
        now = utc_now(self._clock)
        columns: dict[str, Any] = {due.done: now, due.at: None}
        if due is RAISED and json.loads(alert.detail)["window"]:
            columns |= {"attempts": 0, "quiet_at": quiet_at(alert.seen_at or alert.at, alert)}
        return columns

    def _goes_on(self, alert: Row[Any]) -> bool:
        """Return whether a later alert of the same rule and subject tells when it is over."""
        later = Alert.rule == alert.rule, Alert.subject == alert.subject, Alert.hour > alert.hour
        with self._sql.connect() as connection:
            return connection.scalar(select(Alert.id).where(*later).limit(1)) is not None

    def _message(self, due: Due, alert: Row[Any]) -> Message:
        notice, writer = _notice(alert), self._channels.writer
        if due is RAISED:
            return writer.raised(notice)
        return writer.over(notice, alert.seen_at or alert.at)

    def _write(self, connection: Connection, own: ColumnElement[bool], **columns: Any) -> None:
        connection.execute(update(Alert).where(own).values(**columns))


def quiet_at(last: datetime, alert: Row[Any]) -> datetime:
    """Return when an alert is over if nothing more is found after `last`."""
    return last + quiet(json.loads(alert.detail)["window"])


def quiet(window: int) -> timedelta:
    """Return for how long nothing may be found until an alert of this window is over."""
    return max(QUIET, timedelta(seconds=window))


def _notice(alert: Row[Any]) -> Notice:
    detail = json.loads(alert.detail)
    return Notice(
        rule=alert.rule,
        subject=alert.subject,
        count=detail["count"],
        window=detail["window"],
        threshold=detail["most"],
        logins=detail["logins"],
        failures=detail["failures"],
        at=alert.at,
        console="",
    )
