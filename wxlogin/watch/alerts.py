"""Alerts: created once per rule, subject and hour, then sent until every channel has taken them.

The table coordinates the workers: its unique constraint decides which worker creates an alert.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin import metrics
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.database import lock_rows
from wxlogin.logs.structured import NEWS
from wxlogin.models import Alert, User
from wxlogin.outbox import About, EventType, Outbox
from wxlogin.outbox.event_types import Json
from wxlogin.outbox.subjects import about_user
from wxlogin.watch.alert_delivery import AlertDelivery, quiet
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.channels import Channels
from wxlogin.watch.erased import erased_among
from wxlogin.watch.folding import OTHERS
from wxlogin.watch.rule_evaluation import Finding

POLL_SECONDS = 10.0
SEEN_SECONDS = 60
"""How often a worker notes at most that an alert goes on."""
MAX_SUBJECTS = 20
"""Alerts of one rule per hour. One more then says that there are others: a flood of addresses must
not become a flood of messages."""
MAX_PENDING = 1_000

logger = logging.getLogger(__name__)
news = logging.getLogger(NEWS)


class Alerts:
    """Creates alerts, and has them sent if there is any channel."""

    def __init__(
        self,
        sql: Engine,
        current_session: Callable[[], Session],
        clock: Clock,
        channels: Channels,
        outbox: Outbox,
        public_url: str,
    ) -> None:
        """`public_url` is where people reach the console; it may be empty."""
        self.channels = channels
        self._delivery = AlertDelivery(sql, clock, channels)
        self._sql = sql
        self._current_session = current_session
        self._clock = clock
        self._outbox = outbox
        self._console = f"{public_url}/admin/alerts" if public_url else ""
        self._pending: dict[tuple[str, str], Finding] = {}
        self._created: tuple[int, dict[tuple[str, str], float]] = (0, {})
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
        if self.channels:
            self._dispatcher.schedule(POLL_SECONDS)

    @property
    def has_pending(self) -> bool:
        """Whether there are alerts that are not stored yet."""
        return bool(self._pending)

    def start(self) -> None:
        """Look for alerts that other workers left, from the start of this worker on."""
        if self.channels:
            self._dispatcher.schedule()

    def refuse_new(self) -> None:
        """Start no further delivery; this does not wait for the current one."""
        self._dispatcher.refuse_new()

    def deliver(self) -> None:
        """Send what is due; of several workers, one sends each."""
        self._delivery.deliver()

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
            self._created = (hour, {})
        for known in ((rule, finding.subject), (rule, OTHERS)):
            if known in self._created[1]:
                self._note(finding, known, hour, now)
                return
        self._outbox.refresh()
        with self._sql.begin() as connection:
            subject = self._limit_subject(connection, finding, hour)
        if self._insert(self._row(finding, subject, hour, now)):
            metrics.alert(rule).inc()
            news.warning("alert: %s: %s", finding.rule.title, subject)
            if self.channels:
                self._dispatcher.schedule()
        else:
            self._note(finding, (rule, subject), hour, now)
        self._created[1][rule, subject] = now

    def _note(self, finding: Finding, known: tuple[str, str], hour: int, now: float) -> None:
        """Note that an alert of this hour goes on: it is over when nothing more is found."""
        if not finding.window or now - self._created[1].get(known, 0.0) < SEEN_SECONDS:
            return
        self._created[1][known] = now
        at = datetime.fromtimestamp(now, UTC)
        own = Alert.rule == known[0], Alert.subject == known[1], Alert.hour == hour
        told = Alert.quiet_at.is_not(None)
        with self._sql.begin() as connection:
            connection.execute(update(Alert).where(*own).values(seen_at=at))
            over = update(Alert).where(*own, told).values(quiet_at=at + quiet(finding.window))
            connection.execute(over)

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
            "next_at": at if self.channels else None,
            "seen_at": at,
            "delivered_at": None,
        }

    def latest(self, limit: int | None = None, *, subject: str | None = None) -> Sequence[Alert]:
        """Return up to `limit` alerts, newest first, of this subject if one is given."""
        query = select(Alert).order_by(Alert.id.desc()).limit(limit)
        if subject is not None:
            query = query.where(Alert.subject == subject)
        return self._current_session().scalars(query).all()
