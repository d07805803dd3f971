"""Records security events and the ends of sessions, without waiting; writes in the background.

Events of one kind, subject and minute share a bucket, which becomes one row with a count. The first
event of a bucket wakes the writer, four times a second at most; later ones wait up to a second. Of
a flood from many addresses the first ones have buckets of their own, and all others share one.
"""

from __future__ import annotations

import atexit
import dataclasses
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from config import Settings
from wxlogin import metrics
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.outbox import Webhooks
from wxlogin.redisdb import Scripts
from wxlogin.redisdb.slot_tags import slot_tags
from wxlogin.sessions.end_notes import EndedSession, EndNotes
from wxlogin.vault import BlindIndex
from wxlogin.watch.addresses import Addresses
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.alerts import Alerts
from wxlogin.watch.channels import build_channels
from wxlogin.watch.event_log import EventBucket, EventLog
from wxlogin.watch.events import (
    AdminEvent,
    AlertSubject,
    Event,
    Kind,
    ManyPhoneCalls,
    Refused,
    WebhookPaused,
    refusal_kind,
)
from wxlogin.watch.folding import OTHERS, AddressFolding
from wxlogin.watch.rule_evaluation import RuleEvaluator
from wxlogin.watch.session_end_sweeper import FIRST_SWEEP_SECONDS, SessionEndSweeper
from wxlogin.watch.session_end_writer import SessionEndWriter

FLUSH_SECONDS = 1.0
PAUSE_SECONDS = 0.25
"""From flush to flush: under load each then serves many logins."""
MAX_BUCKETS = 10_000
NO_SUBJECT = "all"
"""The subject of events that concern no user, address or app in particular."""

Key = tuple[Kind, str, int]

logger = logging.getLogger(__name__)


class Recorder:
    """Collects events in buckets, writes them, and evaluates the alert rules.

    While the database is down, up to 10,000 buckets wait in memory; events over that are counted in
    one bucket, `watch.overflow`. A forked child starts empty.
    """

    def __init__(
        self,
        log: EventLog,
        end_writer: SessionEndWriter,
        end_sweeper: SessionEndSweeper,
        addresses: Addresses,
        rules: RuleEvaluator,
        alerts: Alerts,
        clock: Clock,
    ) -> None:
        self.log = log
        self.end_writer = end_writer
        self.end_sweeper = end_sweeper
        self.addresses = addresses
        self._rules = rules
        self.alerts = alerts
        self._clock = clock
        self.writer = BackgroundTask("events", self.flush, PAUSE_SECONDS)
        self._pending: dict[Key, EventBucket] = {}
        self._reset()

    def record(self, event: Event) -> None:
        """Record an event. This never raises and never waits for a store.

        Missing fields (request id, user, app) come from the current request.
        """
        try:
            self._take(_with_context(event))
        except Exception:
            logger.exception("an event of kind %s could not be recorded", event.kind.value)

    def refused(self, code: str, endpoint: str = "", **who: str) -> None:
        """Record a refusal if its code is an event; `who` holds user, address, app."""
        if kind := refusal_kind(code, endpoint):
            self.record(Refused(kind=kind, code=code, endpoint=endpoint, **who))

    def unknown_record(self, user: str) -> None:
        """Record that a session's record has a version that this program does not know."""
        self.record(Event(kind=Kind.SESSION_RECORD_UNKNOWN, user=user))

    def risk_unknown(self, app: str, why: str) -> None:
        """Record that WeChat told no risk rank: its errcode, or what happened instead."""
        self.record(Refused(kind=Kind.LOGIN_RISK_UNKNOWN, code=why, app=app))

    def many_phone_calls(self, app: str, day: str, calls: int) -> None:
        """Record that an app got more phone numbers on a day than expected."""
        self.record(ManyPhoneCalls(app=app, day=day, calls=calls))

    def webhook_paused(self, endpoint: str) -> None:
        """Record that an endpoint accepted nothing for so long that it is paused."""
        self.record(WebhookPaused(endpoint=endpoint))

    def sessions_ended(self, ended: Sequence[EndedSession]) -> None:
        """Record that sessions ended. This never raises and never waits for a store."""
        if ended:
            self._prepare()
            self.end_writer.add(ended)
            # What an operator ends, the operator may look for next.
            self.writer.schedule(paced=all(one.cause.is_of_a_login for one in ended))

    def signed_out(self, ended: Sequence[EndedSession]) -> None:
        """Record that sessions were signed out: at once, if somebody is told. This never raises."""
        if ended:
            self._prepare()
            self.end_writer.write(ended)
            self.writer.schedule()

    def start(self) -> None:
        """Look for what other workers left, from the start of this worker on."""
        slot_tags()  # it takes a moment, for which no login is to wait
        self.alerts.start()
        self.end_sweeper.start()

    def flush(self) -> None:
        """Write what is pending and evaluate the rules; if a store fails, it stays pending."""
        with self._writing:
            self.end_writer.flush()
            with self._lock:
                pending, self._pending = self._pending, {}
            if pending:
                self._write(pending)
            self.alerts.create(self._rules.evaluate())
            if self._rules.has_pending or self.alerts.has_pending or self.end_writer.has_pending:
                self.writer.schedule(FLUSH_SECONDS)

    def stop(self) -> None:
        """Write the pending events before the process ends."""
        if self._process == os.getpid():  # in a child, the pending events are its parent's
            atexit.unregister(self.stop)
            self.alerts.refuse_new()
            self.end_sweeper.stop()
            self.writer.stop()
            # Before waiting for a webhook: whoever ends this process may not wait that long.
            self.flush()
            self.alerts.stop()

    def _reset(self) -> None:
        """Start empty: at first, and in a forked child, whose parent writes its own events."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._folding = AddressFolding()
        self._writing = threading.Lock()
        self._pending = {}
        self._seen: tuple[int, set[Key]] = (0, set())
        self._database_failed = False
        self._stops_at_exit = False
        self._rules.reset()
        self.end_writer.reset()

    def _prepare(self) -> None:
        if self._process != os.getpid():
            self._reset()
        with self._lock:
            self._register_exit_handler()
        self.end_sweeper.start(FIRST_SWEEP_SECONDS)

    def _take(self, event: Event) -> None:
        if self._process != os.getpid():
            self._reset()
        metrics.event(event.kind.value).inc()
        bucket = self._bucket(event)
        with self._lock:
            self._add([bucket])
            first = self._is_first(bucket)
            self._register_exit_handler()
        self.writer.schedule(0 if first else FLUSH_SECONDS, paced=True)

    def _register_exit_handler(self) -> None:
        if not self._stops_at_exit:
            self._stops_at_exit = True
            atexit.register(self.stop)

    def _bucket(self, event: Event) -> EventBucket:
        now = self._clock()
        minute = int(now // 60)
        whose = event.whose if isinstance(event, AdminEvent) else ""
        subjects: dict[AlertSubject, str] = {
            "user": event.user,
            "address": self.addresses.subject(event.address),
            "app": event.app or NO_SUBJECT,
            "admin": whose,
            "token": whose,
        }
        if not subjects[event.kind.subject_kind] or event.kind.subject_kind == "address":
            subjects["address"] = self._folding.subject(event, subjects["address"], minute)
        self._rules.add(event, subjects)
        subject = subjects[event.kind.subject_kind] or subjects["address"] or NO_SUBJECT
        if subject == OTHERS:  # what the row says holds for all that it counts
            event = Event(kind=event.kind)
        address = self.addresses.display(event.address)
        return EventBucket(event.kind, subject, minute, event, address, 1, now, now)

    def _add(self, buckets: Iterable[EventBucket]) -> None:
        for bucket in buckets:
            existing = self._pending.get(key := _key(bucket))
            if existing:
                existing.merge(bucket)
            elif len(self._pending) < MAX_BUCKETS or bucket.kind is Kind.WATCH_OVERFLOW:
                self._pending[key] = bucket
            else:
                self._add([_overflow(bucket)])

    def _is_first(self, bucket: EventBucket) -> bool:
        """Return whether this is the first event of its bucket."""
        if self._seen[0] != bucket.minute:
            self._seen = (bucket.minute, set())
        seen, key = self._seen[1], _key(bucket)
        if key in seen or len(seen) >= MAX_BUCKETS:
            return False
        seen.add(key)
        return True

    def _write(self, pending: dict[Key, EventBucket]) -> None:
        try:
            self.log.write(list(pending.values()))
        except DataError as fault:
            self._write_one_by_one(pending, fault)
        except SQLAlchemyError as fault:
            self._put_back(pending, fault)
        else:
            self._database_failed = False

    def _write_one_by_one(self, pending: dict[Key, EventBucket], fault: DataError) -> None:
        """Drop only the event that the database rejects."""
        if len(pending) == 1:
            logger.error("an event is lost: %s", type(fault).__name__)
        else:
            for key, bucket in pending.items():
                self._write({key: bucket})

    def _put_back(self, pending: dict[Key, EventBucket], fault: SQLAlchemyError) -> None:
        if not self._database_failed:
            cause = str(fault).partition("\n")[0]
            logger.warning("events wait for the database: %s", cause)
        self._database_failed = True
        with self._lock:
            newer, self._pending = self._pending, pending
            self._add(newer.values())
        self.writer.schedule(FLUSH_SECONDS)


def build_recorder(
    sql: Engine,
    current_session: Callable[[], Session],
    scripts: Scripts,
    index: BlindIndex,
    settings: Settings,
    clock: Clock,
    webhooks: Webhooks,
) -> Recorder:
    """Return a recorder with all its parts; nothing is connected or started yet."""
    metrics.initialize(Kind, BY_NAME)
    channels = build_channels(settings, clock, unrestricted=webhooks.unrestricted)
    addresses = Addresses(settings.event_ip, index)
    notes = EndNotes(scripts)
    end_writer = SessionEndWriter(sql, webhooks.outbox, notes)
    end_sweeper = SessionEndSweeper(end_writer, notes, clock)
    recorder = Recorder(
        EventLog(sql, current_session, addresses.display),
        end_writer,
        end_sweeper,
        addresses,
        RuleEvaluator(scripts, settings, clock),
        Alerts(sql, current_session, clock, channels, webhooks.outbox, settings.public_url),
        clock,
    )
    webhooks.dispatcher.on_paused = recorder.webhook_paused
    webhooks.router.write_sign_outs = end_sweeper.write_sign_outs
    return recorder


def _with_context(event: Event) -> Event:
    context = get_contextvars()
    return dataclasses.replace(
        event,
        user=event.user or context.get("user", ""),
        app=event.app or context.get("app", ""),
        request_id=event.request_id or context.get("request_id", ""),
    )


def _key(bucket: EventBucket) -> Key:
    return bucket.kind, bucket.subject, bucket.minute


def _overflow(bucket: EventBucket) -> EventBucket:
    event = Event(kind=Kind.WATCH_OVERFLOW)
    return dataclasses.replace(bucket, kind=event.kind, subject=NO_SUBJECT, first=event, address="")
