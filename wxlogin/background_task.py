"""Work off the requests' path: one thread per task, started when there is something to do."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

STOP_SECONDS = 10.0

logger = logging.getLogger(__name__)


class BackgroundTask:
    """Runs a function when it is scheduled, in a thread of its own; under gevent, in a greenlet.

    The thread starts with the first `schedule`. A forked child starts without one.
    """

    def __init__(self, name: str, function: Callable[[], None], pause: float = 0.0) -> None:
        """Take `pause`: for so many seconds after a run began, none begins that is `paced`."""
        self._name = name
        self._function = function
        self._pause = pause
        self.thread: threading.Thread | None = None
        self._due: float | None = None
        self._reset()

    def schedule(self, delay: float = 0.0, *, paced: bool = False) -> None:
        """Run the function in `delay` seconds at the latest; the earliest of several calls wins."""
        if self._process != os.getpid():
            self._reset()
        at = time.monotonic() + delay
        if paced:
            at = max(at, self._began_at + self._pause)
        with self._changed:
            if self._due is None or at < self._due:
                self._due = at
                self._changed.notify()
            if self.thread is None and not self._stopped:
                self.thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self.thread.start()

    def refuse_new(self) -> None:
        """Start no further run; this does not wait for the current one."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def stop(self) -> None:
        """Start no further run, and wait up to 10 seconds for the current one."""
        self.refuse_new()
        if self.thread and self._process == os.getpid():
            self.thread.join(STOP_SECONDS)

    def _reset(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self.thread = self._due = None
        self._began_at = -self._pause
        self._stopped = False

    def _run(self) -> None:
        while self._wait_until_due():
            try:
                self._function()
            except Exception:
                logger.exception("the work of %s failed", self._name)

    def _wait_until_due(self) -> bool:
        """Return True when a run is due, False once stopped."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if self._due is not None and self._due <= now:
                    self._due, self._began_at = None, now
                    return True
                self._changed.wait(None if self._due is None else self._due - now)
        return False
