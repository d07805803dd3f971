"""Alerts: created once per rule, subject and hour, then posted until the webhook accepts them.

The table coordinates the workers: its unique constraint decides which worker creates an alert, and
a row lock which one posts it. If a worker dies, another one posts its alerts.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin import metrics
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock, utc_now
from wxlogin.database import lock_rows
from wxlogin.logs.structured import NEWS
from wxlogin.models import Alert, User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.event_types import Json
from wxlogin.outbox.subjects import about_user
from wxlogin.watch.alert_words import Notice
from wxlogin.watch.erased import erased_among
from wxlogin.watch.folding import OTHERS
from wxlogin.watch.rule_table import BY_NAME
from wxlogin.watch.rules import Finding
from wxlogin.watch.webhook import Webhook

POLL_SECONDS = 10.0
CLAIM_SECONDS = 60
BACKOFF_SECONDS = 10
MAX_ATTEMPTS = 10
MAX_SUBJECTS = 20
"""Alerts of one rule per hour. One more then says that there are others: a flood of addresses must
not become a flood of messages."""
MAX_PENDING = 1_000

logger = logging.getLogger(__name__)
news = logging.getLogger(NEWS)


class Alerts:
    """Creates alerts, and posts them to the webhook if there is one."""

    def __init__(
        self,
        sql: Engine,
        current_session: Callable[[], Session],
        clock: Clock,
        webhook: Webhook | None,
        outbox: Outbox,
        public_url: str,
    ) -> None:
        """`public_url` is where people reach the console; it may be empty."""
        self._sql = sql
        self._current_session = current_session
        self._clock = clock
        self._webhook = webhook
        self._outbox = outbox
        self._console = f"{public_url}/admin/events" if public_url else ""
        self._pending: dict[tuple[str, str], Finding] = {}
        self._created: tuple[int, set[tuple[str, str]]] = (0, set())
        self._delivering = threading.Lock()
        self._dispatcher = BackgroundTask("alerts", self._dispatch)

    def create(self, findings: Iterable[Finding]) -> None:
        """Store alerts, once per rule, subject and hour; while SQL is down they stay pending."""
        for finding in findings:
            if len(self._pending) < MAX_PENDING:
                self._pending.setdefault((finding.rule.name, finding.subject), finding)
        try:
            for key, finding in list(self._pending.items()):
                self._create(finding)
                del self._pending[key]
        except SQLAlchemyError as fault:
            logger.warning("alerts wait for the database: %s", type(fault).__name__)
        if self._webhook:
            self._dispatcher.schedule(POLL_SECONDS)

    @property
    def has_pending(self) -> bool:
        """Whether there are alerts that are not stored yet."""
        return bool(self._pending)

    def start(self) -> None:
        """Look for alerts that other workers left, from the start of this worker on."""
        if self._webhook:
            self._dispatcher.schedule()

    def refuse_new(self) -> None:
        """Start no further delivery; this does not wait for the current one."""
        self._dispatcher.refuse_new()

    def deliver(self) -> None:
        """Post the alerts that are due; of several workers, one posts each."""
        with self._delivering:
            while self._webhook and (alert := self._claim_next()):
                self._post(self._webhook, alert)

    def stop(self) -> None:
        """Stop delivery; alerts that are left are in the table."""
        self._dispatcher.stop()

    def _dispatch(self) -> None:
        """Post the alerts that are due, and look again later: another worker may have died."""
        self._dispatcher.schedule(POLL_SECONDS)
        try:
            self.deliver()
        except SQLAlchemyError as fault:
            logger.warning("alerts cannot be looked for: %s", type(fault).__name__)

    def _create(self, finding: Finding) -> None:
        now = self._clock()
        hour, rule = int(now // 3600), finding.rule.name
        if self._created[0] != hour:
            self._created = (hour, set())
        if not self._created[1].isdisjoint({(rule, finding.subject), (rule, OTHERS)}):
            return
        self._outbox.refresh()
        with self._sql.begin() as connection:
            subject = self._limit_subject(connection, finding, hour)
        if self._insert(self._row(finding, subject, hour, now)):
            metrics.alert(rule).inc()
            news.warning("alert: %s: %s", finding.rule.title, subject)
            if self._webhook:
                self._dispatcher.schedule()
        self._created[1].add((rule, subject))

    def _insert(self, row: dict[str, Any]) -> bool:
        """Insert an alert; return False if another worker has, or if its user was erased.

        An erasure that has not come so far waits for this, and then deletes the alert.
        """
        subject = row["subject"]
        try:
            with self._sql.begin() as connection:
                lock_rows(connection, User, User.public_id == subject)
                if erased_among(connection, [subject]):
                    return False
                connection.execute(insert(Alert).values(row))
                self._tell(connection, row)
        except IntegrityError:
            return False
        return True

    def _tell(self, connection: Connection, row: dict[str, Any]) -> None:
        """Write the alert into the outbox, in the transaction that creates it."""
        rule = BY_NAME[row["rule"]]
        about = About()
        if rule.subject_kind == "user":
            about = about_user(connection, row["subject"]) or About(row["subject"])
        elif rule.subject_kind == "app":
            about = About(app=row["subject"])
        data: dict[str, Json] = {
            "rule": rule.name,
            "severity": rule.severity,
            "title": rule.title,
            "subject_kind": rule.subject_kind,
            "subject": row["subject"],
            "advice": rule.advice,
            "console": self._console or None,
        }
        self._outbox.add(connection, EventType.ALERT_RAISED, about, data)

    def _limit_subject(self, connection: Connection, finding: Finding, hour: int) -> str:
        """Return the finding's subject, OTHERS if the rule has too many this hour."""
        others = (
            Alert.rule == finding.rule.name,
            Alert.hour == hour,
            Alert.subject != finding.subject,
        )
        count = connection.scalar(select(func.count()).select_from(Alert).where(*others)) or 0
        return finding.subject if count < MAX_SUBJECTS else OTHERS

    def _row(self, finding: Finding, subject: str, hour: int, now: float) -> dict[str, Any]:
        at = datetime.fromtimestamp(now, UTC)
        detail = {
            "count": finding.count,
            "window": finding.window,
            "most": finding.threshold,
            "logins": finding.logins,
            "failures": finding.failures,
        }
        return {
            "rule": finding.rule.name,
            "subject": subject,
            "hour": hour,
            "at": at,
            "detail": json.dumps(detail),
            "attempts": 0,
            "next_at": at if self._webhook else None,
            "delivered_at": None,
        }

    def _claim_next(self) -> Row[Any] | None:
        """Claim an alert that is due for this worker, for a minute."""
        now = utc_now(self._clock)
        # Only of known rules: during an upgrade a newer worker may have others.
        known = select(Alert.__table__).where(Alert.next_at <= now, Alert.rule.in_(BY_NAME))
        due = known.order_by(Alert.next_at).limit(1)
        while True:
            with self._sql.begin() as connection:
                found = connection.execute(due).first()
                if found is None or self._claim(connection, found, now):
                    return found

    def _claim(self, connection: Connection, found: Row[Any], now: datetime) -> bool:
        """Claim an alert; return False if another worker claimed it since it was found."""
        own = Alert.id == found.id
        lock_rows(connection, Alert, own)
        unclaimed = Alert.attempts == found.attempts, Alert.next_at.is_not(None)
        if connection.scalar(select(Alert.id).where(own, *unclaimed)) is None:
            return False
        until = now + timedelta(seconds=CLAIM_SECONDS)
        claim = update(Alert).where(own).values(attempts=found.attempts + 1, next_at=until)
        connection.execute(claim)
        return True

    def _post(self, webhook: Webhook, alert: Row[Any]) -> None:
        fault, attempts = webhook.post(_notice(alert, self._console)), alert.attempts + 1
        columns: dict[str, Any] = {"delivered_at": utc_now(self._clock), "next_at": None}
        if fault:
            retry = attempts < MAX_ATTEMPTS
            logger.warning("alert %d was not taken (attempt %d): %s", alert.id, attempts, fault)
            wait = timedelta(seconds=BACKOFF_SECONDS * 2 ** (attempts - 1))
            columns = {"next_at": utc_now(self._clock) + wait if retry else None}
        with self._sql.begin() as connection:
            connection.execute(update(Alert).where(Alert.id == alert.id).values(**columns))

    def latest(self, limit: int | None = None, *, subject: str | None = None) -> Sequence[Alert]:
        """Return up to `limit` alerts, newest first, of this subject if one is given."""
        query = select(Alert).order_by(Alert.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(Alert.subject == subject)
        return self._current_session().scalars(query).all()


def _notice(alert: Row[Any], console: str) -> Notice:
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
        console=console,
    )
