"""Work off the requests' path: one thread for one piece of work, started when there is some."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

STOP_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Worker:
    """Does its work when it is called, in a thread of its own; under gevent that is a greenlet.

    The thread starts with the first call. A forked child has none of its parent's.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._name = name
        self._work = work
        self.thread: threading.Thread | None = None
        self._due: float | None = None
        self._begin()

    def call(self, within: float = 0.0) -> None:
        """Have the work done within so many seconds; of several calls the most urgent counts."""
        if self._process != os.getpid():
            self._begin()
        at = time.monotonic() + within
        with self._changed:
            if self._due is None or at < self._due:
                self._due = at
                self._changed.notify()
            if self.thread is None and not self._stopped:
                self.thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self.thread.start()

    def begin_no_more(self) -> None:
        """Begin no work any more; nothing is waited for."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def stop(self) -> None:
        """Let the work at hand come to its end, and do none any more."""
        self.begin_no_more()
        if self.thread and self._process == os.getpid():
            self.thread.join(STOP_SECONDS)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self.thread = self._due = None
        self._stopped = False

    def _run(self) -> None:
        while self._is_due():
            try:
                self._work()
            except Exception:
                logger.exception("the work of %s failed", self._name)

    def _is_due(self) -> bool:
        """Wait until the work is due; False once stopped."""
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                if self._due is not None and self._due <= now:
                    self._due = None
                    return True
                self._changed.wait(None if self._due is None else self._due - now)
        return False
