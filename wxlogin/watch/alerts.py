"""Alerts: raised once a rule, subject and hour, then posted until somebody has taken them.

The table decides among workers: its unique row who raises an alert, a conditional update who posts
it. What a worker leaves undone when it dies another does.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Row, Table, func, select, update
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.clock import Clock, iso
from wxlogin.models import Alert
from wxlogin.watch import metrics
from wxlogin.watch.rules import BY_NAME, Finding
from wxlogin.watch.webhook import Notice, Webhook
from wxlogin.watch.worker import Worker

POLL_SECONDS = 10.0
CLAIM_SECONDS = 60
BACKOFF_SECONDS = 10
MOST_ATTEMPTS = 10
MOST_SUBJECTS = 20
"""Alerts of one rule in an hour. Then one more says that there are others: a flood of addresses
must not become a flood of messages."""
OTHERS = "others"
MOST_REMEMBERED = 1_000

logger = logging.getLogger(__name__)


class Alerts:
    """Raises alerts, and posts them to the webhook where there is one."""

    def __init__(self, sql: Engine, clock: Clock, webhook: Webhook | None) -> None:
        self._sql = sql
        self._clock = clock
        self._webhook = webhook
        self._insert = _insert(sql.dialect.name)
        self._owed: dict[tuple[str, str], Finding] = {}
        self._raised: tuple[int, set[tuple[str, str]]] = (0, set())
        self._delivering = threading.Lock()
        self._postman = Worker("alerts", self._deliver_again)

    def raise_(self, findings: Iterable[Finding]) -> None:
        """Write alerts down, once a rule, subject and hour; while SQL is out, they wait here."""
        for finding in findings:
            if len(self._owed) < MOST_REMEMBERED:
                self._owed.setdefault((finding.rule.name, finding.subject), finding)
        try:
            for key, finding in list(self._owed.items()):
                self._raise(finding)
                del self._owed[key]
        except SQLAlchemyError as fault:
            logger.warning("alerts wait for the database: %s", type(fault).__name__)
        if self._webhook:
            self._postman.call(POLL_SECONDS)

    @property
    def waiting(self) -> bool:
        """Whether there are alerts that are not written down yet."""
        return bool(self._owed)

    def begin(self) -> None:
        """Look for alerts that other workers left, from the start of this one on."""
        if self._webhook:
            self._postman.call()

    def begin_no_more(self) -> None:
        """Begin no further round of posts; nothing is waited for."""
        self._postman.begin_no_more()

    def deliver(self) -> None:
        """Post what is due; of several workers one posts each."""
        with self._delivering:
            while self._webhook and (claimed := self._claimed()):
                self._post(self._webhook, claimed)

    def stop(self) -> None:
        """Post no more: what is left is in the table."""
        self._postman.stop()

    def _deliver_again(self) -> None:
        """Post what is due, and look again later: another worker may have died over its alerts."""
        self._postman.call(POLL_SECONDS)
        try:
            self.deliver()
        except SQLAlchemyError as fault:
            logger.warning("alerts cannot be looked for: %s", type(fault).__name__)

    def _raise(self, finding: Finding) -> None:
        now = self._clock()
        hour, rule = int(now // 3600), finding.rule.name
        if self._raised[0] != hour:
            self._raised = (hour, set())
        if not self._raised[1].isdisjoint({(rule, finding.subject), (rule, OTHERS)}):
            return
        with self._sql.begin() as connection:
            subject = self._within_bounds(connection, finding, hour)
            done = connection.execute(self._insert, self._row(finding, subject, hour, now))
        self._raised[1].add((rule, subject))
        if done.rowcount:
            metrics.alert(rule).inc()
            logger.warning("alert: %s: %s", finding.rule.title, subject)
            if self._webhook:
                self._postman.call()

    def _within_bounds(self, connection: Connection, finding: Finding, hour: int) -> str:
        others = (
            Alert.rule == finding.rule.name,
            Alert.hour == hour,
            Alert.subject != finding.subject,
        )
        count = connection.scalar(select(func.count()).select_from(Alert).where(*others)) or 0
        return finding.subject if count < MOST_SUBJECTS else OTHERS

    def _row(self, finding: Finding, subject: str, hour: int, now: float) -> dict[str, Any]:
        names = ("count", "window", "most", "logins", "failures")
        at = datetime.fromtimestamp(now, UTC)
        return {
            "rule": finding.rule.name,
            "subject": subject,
            "hour": hour,
            "at": at,
            "detail": json.dumps({name: getattr(finding, name) for name in names}),
            "attempts": 0,
            "next_at": at if self._webhook else None,
            "delivered_at": None,
        }

    def _claimed(self) -> Row[Any] | None:
        """An alert that is due, this worker's own for a minute."""
        now = self._now()
        # Of rules that this program knows: during an upgrade a newer worker has others.
        known = select(Alert.__table__).where(Alert.next_at <= now, Alert.rule.in_(BY_NAME))
        due = known.order_by(Alert.next_at).limit(1)
        while True:
            with self._sql.begin() as connection:
                found = connection.execute(due).first()
                if found is None or self._is_ours(connection, found, now):
                    return found

    def _is_ours(self, connection: Connection, found: Row[Any], now: datetime) -> bool:
        claim = (
            update(Alert)
            .where(
                Alert.id == found.id, Alert.attempts == found.attempts, Alert.next_at.is_not(None)
            )
            .values(attempts=found.attempts + 1, next_at=now + timedelta(seconds=CLAIM_SECONDS))
        )
        return connection.execute(claim).rowcount == 1

    def _post(self, webhook: Webhook, alert: Row[Any]) -> None:
        fault, attempts = webhook.post(_notice(alert)), alert.attempts + 1
        columns: dict[str, Any] = {"delivered_at": self._now(), "next_at": None}
        if fault:
            again = attempts < MOST_ATTEMPTS
            logger.warning("alert %d was not taken (attempt %d): %s", alert.id, attempts, fault)
            wait = timedelta(seconds=BACKOFF_SECONDS * 2 ** (attempts - 1))
            columns = {"next_at": self._now() + wait if again else None}
        with self._sql.begin() as connection:
            connection.execute(update(Alert).where(Alert.id == alert.id).values(**columns))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _notice(alert: Row[Any]) -> Notice:
    rule, detail = BY_NAME[alert.rule], json.loads(alert.detail)
    return Notice(
        rule=rule.name,
        severity=rule.severity,
        title=rule.title,
        subject_kind=rule.by,
        subject=alert.subject,
        count=detail["count"],
        window=detail["window"],
        threshold=detail["most"],
        logins=detail["logins"],
        failures=detail["failures"],
        at=iso(int(alert.at.timestamp() * 1000)),
        advice=rule.advice,
    )


def _insert(dialect: str) -> Insert:
    """An insert that leaves an alert alone that another worker raised."""
    table = Alert.__table__
    assert isinstance(table, Table)
    if dialect in ("mysql", "mariadb"):
        return mysql.insert(table).prefix_with("IGNORE")
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=["rule", "subject", "hour"])
