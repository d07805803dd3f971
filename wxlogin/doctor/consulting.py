"""The doctor of a running app, who examines it when somebody asks, once at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy.orm import Session

from config import Settings, worker_count
from wxlogin.clock import Clock
from wxlogin.cpus import cpus
from wxlogin.doctor.examination import SECONDS, Report, examine
from wxlogin.service_error import ServiceError


class DoctorBusy(ServiceError):
    """Another examination is running in this worker."""


class Doctor:
    """Examines the app's installation."""

    def __init__(
        self, settings: Settings, clock: Clock, current_session: Callable[[], Session]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._current_session = current_session
        self._turn = threading.Lock()

    def examine(self, *, hosts: int = 1) -> Report:
        """Examine it, for up to 20 seconds; DoctorBusy if that is being done.

        `hosts` is how many hosts serve the app.
        """
        # Returns the connection to the pool: it would wait for all checks.
        self._current_session().rollback()
        if not self._turn.acquire(blocking=False):
            raise DoctorBusy(retry_after=int(SECONDS))
        try:
            workers = worker_count() or cpus()
            return examine(self._settings, self._clock, hosts=hosts, workers=workers)
        finally:
            self._turn.release()
