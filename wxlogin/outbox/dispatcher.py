"""Sends what is due, in each worker: one task routes events, one calls the receivers of signals,
others post, each for one endpoint.

All state is in the database: a worker that dies leaves what it had to the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from wxlogin import metrics
from wxlogin.background_task import BackgroundTask
from wxlogin.outbox.deliveries import Claimed, Deliveries
from wxlogin.outbox.posting import Posting
from wxlogin.outbox.routing import Router
from wxlogin.outbox.signal_calls import SignalCalls
from wxlogin.outbox.subscriptions import Subscriptions

POLL_SECONDS = 5.0
WAKE_SECONDS = 0.25
"""After an event was written: its transaction is over by then, and others join."""
LANES = 4
"""Requests to one endpoint at a time, of one worker."""

logger = logging.getLogger(__name__)


class Dispatcher:
    """Routes and delivers in the background, from `start` or the first `wake` on."""

    def __init__(
        self,
        sql: Engine,
        subscriptions: Subscriptions,
        router: Router,
        deliveries: Deliveries,
        posting: Posting,
        signal_calls: SignalCalls,
    ) -> None:
        self._sql = sql
        self._subscriptions = subscriptions
        self._router = router
        self._deliveries = deliveries
        self._posting = posting
        self._signal_calls = signal_calls
        self.on_paused: Callable[[str], None] = lambda _endpoint: None
        """Gets the public id of an endpoint that was paused; the watch sets it."""
        self._routing = BackgroundTask("webhooks", self._route)
        self._signalling = BackgroundTask("signals", self._signal)
        self._lanes: dict[tuple[int, int], BackgroundTask] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def start(self) -> None:
        """Look for what other workers left, from the start of this worker on."""
        self._routing.schedule()

    def wake(self) -> None:
        """Look for events soon: one was written."""
        self._routing.schedule(WAKE_SECONDS)

    def stop(self) -> None:
        """Start nothing further, and wait for what is being sent: 10 seconds at most each."""
        with self._lock:
            self._stopped = True
        tasks = [self._routing, self._signalling, *self._lanes.values()]
        for task in tasks:
            task.refuse_new()
        for task in tasks:
            task.stop()

    def run(self) -> None:
        """Route what is due, deliver it and call the receivers of signals, in this thread."""
        self._router.run()
        while self._signal_calls.call_next():
            pass
        for endpoint_id in self._enabled():
            while claimed := self._deliveries.claim_next(endpoint_id):
                self.attempt(claimed)

    def attempt(self, claimed: Claimed, *, last: bool = False) -> None:
        """Make one attempt of a delivery and write how it ended; `last` allows no other."""
        outcome = self._posting.post(claimed)
        metrics.webhook("failed" if outcome.fault else "delivered").inc()
        if outcome.fault:
            logger.warning(
                "webhook %s, delivery %d: %s", claimed.endpoint, claimed.id, outcome.fault
            )
        if self._deliveries.finish(claimed, outcome, last=last):
            self._subscriptions.changed()
            self.on_paused(claimed.endpoint)

    def _route(self) -> None:
        self._routing.schedule(POLL_SECONDS)
        try:
            if self._router.run():
                self.wake()
            self._signalling.schedule()
            for endpoint_id in self._enabled():
                self._lane(endpoint_id, 0).schedule()
        except SQLAlchemyError as fault:
            logger.warning("webhooks wait for the database: %s", type(fault).__name__)

    def _signal(self) -> None:
        """Call receivers until nothing is due."""
        try:
            while not self._stopped and self._signal_calls.call_next():
                pass
        except SQLAlchemyError as fault:
            logger.warning("signals wait for the database: %s", type(fault).__name__)

    def _enabled(self) -> list[int]:
        self._subscriptions.refresh()
        with self._sql.connect() as connection:
            return [one.id for one in self._subscriptions.enabled(connection)]

    def _lane(self, endpoint_id: int, number: int) -> BackgroundTask:
        with self._lock:
            key = (endpoint_id, number)
            if key not in self._lanes:
                name = f"webhook-{endpoint_id}-{number}"
                task = BackgroundTask(name, lambda: self._deliver(endpoint_id, number))
                self._lanes[key] = task
                if self._stopped:
                    task.refuse_new()
            return self._lanes[key]

    def _deliver(self, endpoint_id: int, number: int) -> None:
        """Post until nothing is due; the next lane joins in while there is more."""
        try:
            while not self._stopped and (claimed := self._deliveries.claim_next(endpoint_id)):
                if number + 1 < LANES:
                    self._lane(endpoint_id, number + 1).schedule()
                self.attempt(claimed)
        except SQLAlchemyError as fault:
            logger.warning("webhooks wait for the database: %s", type(fault).__name__)
