"""The recorder of security events: it takes them at once and writes them off the request's path.

Events of one kind, subject and minute fold into one row with a count. The first of a fold wakes the
writer at once; the later ones wait for the second's flush.
"""

from __future__ import annotations

import atexit
import dataclasses
import logging
import os
import threading
from collections.abc import Iterable

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, SQLAlchemyError
from structlog.contextvars import get_contextvars

from config import Settings
from wxlogin.clock import Clock
from wxlogin.sessions import Scripts
from wxlogin.vault import BlindIndex
from wxlogin.watch import metrics
from wxlogin.watch.addresses import Addresses
from wxlogin.watch.alerts import Alerts
from wxlogin.watch.event_log import EventLog, Fold
from wxlogin.watch.events import By, Event, Kind, Refused, refusal
from wxlogin.watch.rules import BY_NAME, Rules
from wxlogin.watch.webhook import Webhook
from wxlogin.watch.worker import Worker

FLUSH_SECONDS = 1.0
MOST_FOLDS = 10_000
EVERYBODY = "all"
"""The subject of events that are about nobody in particular."""

Key = tuple[Kind, str, int]

logger = logging.getLogger(__name__)


class Recorder:
    """Takes events, folds them, writes them, and lets the rules judge them.

    While the database is out, events wait in memory, at most 10,000 folds of them; what is over
    that is counted in one fold, `watch.overflow`. A forked child starts from nothing.
    """

    def __init__(
        self, log: EventLog, addresses: Addresses, rules: Rules, alerts: Alerts, clock: Clock
    ) -> None:
        self._log = log
        self._addresses = addresses
        self._rules = rules
        self.alerts = alerts
        self._clock = clock
        self.writer = Worker("events", self.flush)
        self._pending: dict[Key, Fold] = {}
        self._begin()

    def record(self, event: Event) -> None:
        """Take an event. It never raises and never waits for a store.

        What the request at hand knows (its id, its user) fills in what the event leaves out.
        """
        try:
            self._take(_completed(event))
        except Exception:
            logger.exception("an event of kind %s could not be recorded", event.kind.value)

    def refused(self, code: str, endpoint: str = "", **who: str) -> None:
        """Take a refusal, if one of this code is an event; `who`: user, address, app."""
        if kind := refusal(code, endpoint):
            self.record(Refused(kind=kind, code=code, endpoint=endpoint, **who))

    def unknown_record(self, user: str) -> None:
        """Take note of a session whose record has a version that this program does not know."""
        self.record(Event(kind=Kind.SESSION_RECORD_UNKNOWN, user=user))

    def flush(self) -> None:
        """Write what was taken and judge it; what a fault of a store keeps out waits here."""
        with self._writing:
            with self._lock:
                pending, self._pending = self._pending, {}
            if pending:
                self._write(pending)
            self.alerts.raise_(self._rules.judge())
            if self._rules.waiting or self.alerts.waiting:
                self.writer.call(FLUSH_SECONDS)

    def stop(self) -> None:
        """Write what was taken: the process ends."""
        if self._process == os.getpid():  # what a child has here that took nothing is its parent's
            atexit.unregister(self.stop)
            self.alerts.begin_no_more()
            self.writer.stop()
            # Before a webhook is waited for: whoever ends this process may not wait as long.
            self.flush()
            self.alerts.stop()

    def _begin(self) -> None:
        """Start from nothing: at first, and in a forked child, whose parent writes what it took."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._pending = {}
        self._begun: tuple[int, set[Key]] = (0, set())
        self._out = False
        self._at_exit = False
        self._rules.forget()

    def _take(self, event: Event) -> None:
        if self._process != os.getpid():
            self._begin()
        metrics.event(event.kind.value).inc()
        fold = self._folded(event)
        with self._lock:
            self._add([fold])
            first = self._is_first(fold)
            self._stop_at_exit()
        self.writer.call(0 if first else FLUSH_SECONDS)

    def _stop_at_exit(self) -> None:
        if not self._at_exit:
            self._at_exit = True
            atexit.register(self.stop)

    def _folded(self, event: Event) -> Fold:
        now = self._clock()
        subjects: dict[By, str] = {
            "user": event.user,
            "address": self._addresses.subject(event.address),
            "app": event.app or EVERYBODY,
        }
        self._rules.note(event, subjects)
        subject = subjects[event.kind.by] or subjects["address"] or EVERYBODY
        address = self._addresses.shown(event.address)
        return Fold(event.kind, subject, int(now // 60), event, address, 1, now, now)

    def _add(self, folds: Iterable[Fold]) -> None:
        for fold in folds:
            known = self._pending.get(key := _key(fold))
            if known:
                known.add(fold)
            elif len(self._pending) < MOST_FOLDS or fold.kind is Kind.WATCH_OVERFLOW:
                self._pending[key] = fold
            else:
                self._add([_overflow(fold)])

    def _is_first(self, fold: Fold) -> bool:
        """Whether nothing of the fold was taken before in this minute."""
        if self._begun[0] != fold.minute:
            self._begun = (fold.minute, set())
        begun, key = self._begun[1], _key(fold)
        if key in begun or len(begun) >= MOST_FOLDS:
            return False
        begun.add(key)
        return True

    def _write(self, pending: dict[Key, Fold]) -> None:
        try:
            self._log.write(list(pending.values()))
        except DataError as fault:
            self._write_singly(pending, fault)
        except SQLAlchemyError as fault:
            self._keep(pending, fault)
        else:
            self._out = False

    def _write_singly(self, pending: dict[Key, Fold], fault: DataError) -> None:
        """Lose the one that the database will never take, and no other."""
        if len(pending) == 1:
            logger.error("an event is lost: %s", type(fault).__name__)
        else:
            for key, fold in pending.items():
                self._write({key: fold})

    def _keep(self, pending: dict[Key, Fold], fault: SQLAlchemyError) -> None:
        if not self._out:
            cause = str(fault).partition("\n")[0]
            logger.warning("events wait for the database: %s", cause)
        self._out = True
        with self._lock:
            newer, self._pending = self._pending, pending
            self._add(newer.values())
        self.writer.call(FLUSH_SECONDS)


def build_recorder(
    sql: Engine, scripts: Scripts, index: BlindIndex, settings: Settings, clock: Clock
) -> Recorder:
    """The recorder with all that stands behind it; nothing is connected or started yet."""
    metrics.begin(Kind, BY_NAME)
    url = settings.alert_webhook
    return Recorder(
        EventLog(sql),
        Addresses(settings.event_ip, index),
        Rules(scripts, settings, clock),
        Alerts(sql, clock, Webhook(url) if url else None),
        clock,
    )


def _completed(event: Event) -> Event:
    context = get_contextvars()
    return dataclasses.replace(
        event,
        user=event.user or context.get("user", ""),
        app=event.app or context.get("app", ""),
        request_id=event.request_id or context.get("request_id", ""),
    )


def _key(fold: Fold) -> Key:
    return fold.kind, fold.subject, fold.minute


def _overflow(fold: Fold) -> Fold:
    event = Event(kind=Kind.WATCH_OVERFLOW)
    return dataclasses.replace(fold, kind=event.kind, subject=EVERYBODY, first=event, address="")
