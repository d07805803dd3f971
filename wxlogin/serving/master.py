"""A gunicorn master that stops old workers only after the new ones respond."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Set
from pathlib import Path
from typing import Any

from gevent import monkey
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.workers.base import Worker

import config
from wxlogin.serving.notices import Notices

OWN_APP = "wsgi:"
"""The prefix of this project's app; the benchmark serves others."""
FIRST_SOCKET = 3
"""The first file descriptor that a service manager passes on."""
MAX_RETRY_SECONDS = 30.0
"""The maximum delay before a worker that failed to start is started again."""
GRACE_SECONDS = 2.0
"""Added to graceful_timeout, which a worker counts from the moment it notices the signal."""


class Master(Arbiter):  # type: ignore[misc]
    """Starts workers, replaces those that exit, and hands over from old to new ones.

    gunicorn's own master stops the old workers while the new ones still load the app, and ends the
    whole service if a new worker cannot start. This one keeps the workers that respond:

    - HUP: wrong settings are reported in one message, and the old workers continue. Otherwise the
      old workers stop once all new ones respond; if a new one does not start, the new ones stop.
    - USR2: the new master ends the old one once one of its workers responds; if none starts, the
      new master exits.
    - A worker that does not start is started again with increasing delays, while another responds.
    - A worker that hangs while it starts or stops is killed.
    - The service manager receives READY when a worker responds, not before.
    """

    def __init__(self, app: Any) -> None:
        self.START_CTX: dict[str | int, Any] = {}
        super().__init__(app)
        # The master's loop blocks as in gunicorn; gevent's queue would run an event loop.
        self.SIG_QUEUE = monkey.get_original("queue", "SimpleQueue")()
        self.START_CTX = _start_context(self.START_CTX["cwd"])
        self._notices = Notices(config.notify_socket())
        self._last_old_age = 0  # the age of the youngest old worker
        self._handover_started_at: float | None = None  # of the current handover
        self._reload_again = False  # another HUP came during the handover
        self._stopping_until: dict[int, float] = {}  # the deadline of each stopping worker
        self._forked_at: dict[int, float] = {}
        self._failures = 0
        self._next_try = 0.0
        self._ready = self._stopping = False

    def run(self) -> None:
        """Serve until a signal to stop; exit before listening if the settings are wrong."""
        if fault := self._fault():
            self.log.critical(fault)
            sys.exit(config.ConfigError.exit_code)
        super().run()

    def handle_hup(self) -> None:
        """Reload settings and configuration, in new workers."""
        if self._handover_started_at is not None:
            self._reload_again = True
            return
        self._reload_again = False
        self._notices.reloading()
        if fault := self._reload():
            self.log.error("HUP is refused, and the old workers go on. %s", fault)
            self._notices.ready("HUP was refused; see the log")
            return
        self._stats["reloads"] += 1
        self._last_old_age, self._handover_started_at = self.worker_age, time.monotonic()
        self._failures, self._next_try = 0, 0.0

    def manage_workers(self) -> None:
        """Start missing workers; once all respond, stop the superfluous ones."""
        self._terminate(self._stopping_until.keys())
        current = self._current()
        responding = [worker for worker in current if responds(worker)]
        if responding and not self._ready:
            self._report_ready()
        if len(current) < self.num_workers:
            if time.monotonic() >= self._next_try:
                self.spawn_workers()
        elif len(responding) == len(current):
            self._settle(current)
        elif self._handover_started_at is not None and self._is_late(self._handover_started_at):
            self._abort_handover(f"it took more than {self.timeout} s")

    def spawn_workers(self) -> None:
        """Start the workers that are missing in the current generation."""
        try:
            for _ in range(self.num_workers - len(self._current())):
                self._forked_at[self.spawn_worker()] = time.monotonic()
        except Exception as fault:  # of a hook or a failed fork; never raised in the worker
            reason = f"No worker can be forked: {type(fault).__name__}: {fault}"
            self.log.error(reason)  # noqa: TRY400 -- one line
            self._not_started(HaltServer(reason, self.WORKER_BOOT_ERROR))

    def murder_workers(self) -> None:
        """Kill the workers that hang: while they serve, start or stop."""
        super().murder_workers()
        late = {pid for pid, until in self._stopping_until.items() if time.monotonic() > until}
        if self._handover_started_at is None:
            late |= self._hung()
        for pid in late & self.WORKERS.keys():
            self.log.error("Worker (pid: %s) hangs; it is killed.", pid)
            self.kill_worker(pid, signal.SIGKILL)

    def reap_workers(self) -> None:
        """Handle workers that exited; one that never responded has failed to start."""
        before, hung = dict(self.WORKERS), self._hung()
        starting = {pid for pid, worker in before.items() if not responds(worker)}
        halt, upgrade = None, self.reexec_pid
        while True:
            try:
                super().reap_workers()
                break
            except HaltServer as fault:
                halt = fault.with_traceback(None)
        exited = before.keys() - self.WORKERS.keys()
        failed = (starting & exited) - self._stopping_until.keys()
        if failed & hung and not halt:
            halt = HaltServer("Worker did not start in time.", self.WORKER_BOOT_ERROR)
        for pid in exited:
            before[pid].tmp.close()  # gunicorn leaves it open if the worker did not boot
            self._stopping_until.pop(pid, None)
            self._forked_at.pop(pid, None)
        if upgrade and not self.reexec_pid:
            self.log.error("The new master ended, and this one goes on; see above.")
        if self._stopping:
            self._terminate({pid for pid, worker in self.WORKERS.items() if not responds(worker)})
        elif failed:
            self._not_started(halt)

    def maybe_promote_master(self) -> None:
        """Replace the old master after it has exited."""
        was_second = self.master_pid != 0
        super().maybe_promote_master()
        if was_second and self.master_pid == 0 and self._ready:
            self._notices.ready("Serving")

    def stop(self, graceful: bool = True) -> None:
        """Stop the workers; if another master took over, that is the service from now on."""
        self._stopping = True
        if self.reexec_pid:
            self._notices.handing_over(self.reexec_pid)
        else:
            self._notices.stopping()
        super().stop(graceful)

    def _current(self) -> list[Worker]:
        """Return the workers that should stay, the oldest first."""
        current = [
            worker
            for pid, worker in self.WORKERS.items()
            if worker.age > self._last_old_age and pid not in self._stopping_until
        ]
        return sorted(current, key=lambda worker: int(worker.age))

    def _settle(self, current: list[Worker]) -> None:
        """Stop the others, since all current workers respond."""
        self._failures, self._next_try = 0, 0.0
        superfluous = current[: len(current) - self.num_workers]
        old = [worker for worker in self.WORKERS.values() if worker.age <= self._last_old_age]
        self._stop_workers([*old, *superfluous])
        if self._handover_started_at is not None:
            self._end_handover("Serving")

    def _stop_workers(self, workers: list[Worker]) -> None:
        """Stop workers, and set their deadlines."""
        new = {worker.pid for worker in workers} - self._stopping_until.keys()
        until = time.monotonic() + self.cfg.graceful_timeout + GRACE_SECONDS
        self._stopping_until |= dict.fromkeys(new, until)
        self._terminate(new)

    def _is_late(self, since: float) -> bool:
        """Return whether gunicorn's timeout has passed since then; a timeout of 0 is no limit."""
        return bool(self.timeout) and time.monotonic() - since > self.timeout

    def _hung(self) -> set[int]:
        """Return the workers that should respond by now."""
        return {
            pid
            for pid, worker in self.WORKERS.items()
            if not responds(worker)
            and pid in self._forked_at
            and self._is_late(self._forked_at[pid])
        }

    def _terminate(self, workers: Set[int]) -> None:
        """Send SIGTERM. It is sent repeatedly: a new worker has no handler for it yet."""
        for pid in workers & self.WORKERS.keys():
            self.kill_worker(pid, signal.SIGTERM)

    def _not_started(self, halt: HaltServer | None) -> None:
        """Handle a worker that exited before it responded."""
        if self._handover_started_at is not None:
            self._abort_handover("a new worker did not start; see above")
        elif halt and not any(responds(worker) for worker in self.WORKERS.values()):
            raise halt
        else:
            delay = min(MAX_RETRY_SECONDS, 2.0**self._failures)
            self._failures += 1
            self._next_try = time.monotonic() + delay
            self.log.error("A worker did not start. The next try is in %d s.", delay)

    def _abort_handover(self, reason: str) -> None:
        """Stop the new workers, and keep the old ones."""
        self._stop_workers(self._current())
        self._last_old_age = 0
        self.log.error("HUP failed, and the old workers go on: %s.", reason)
        self._end_handover("HUP failed; see the log")

    def _end_handover(self, status: str) -> None:
        self._handover_started_at = None
        self._notices.ready(status)
        if self._reload_again:
            self.SIG_QUEUE.put_nowait(signal.SIGHUP)

    def _report_ready(self) -> None:
        self._ready = True
        if self.master_pid:
            self.log.info("The workers answer; ending the old master (pid: %s)", self.master_pid)
            os.kill(self.master_pid, signal.SIGTERM)
        else:
            self._notices.ready("Serving")

    def _fault(self) -> str:
        """Return what is wrong with the settings, an empty text if nothing."""
        if str(self.app.app_uri).startswith(OWN_APP):
            try:
                config.load()
            except config.ConfigError as fault:
                return fault.message
        return ""

    def _reload(self) -> str:
        """Reload gunicorn's configuration and the settings, and return what is wrong with them."""
        previous = self.app.cfg
        try:
            config.restore_environment(previous.env, previous.env_orig)
            self.app.reload()
            # A new master starts with the environment that this one started with.
            self.app.cfg.env_orig = previous.env_orig
            self.setup(self.app)
            fault = self._fault()
            if not fault:
                self.log.reopen_files()
                self.cfg.on_reload(self)
        except (Exception, SystemExit) as broken:
            first_line = str(broken).partition("\n")[0]
            fault = f"Its configuration is no good: {type(broken).__name__}: {first_line}"
        if fault:
            with contextlib.suppress(RuntimeError):  # raised if it was not parsed
                config.restore_environment(self.app.cfg.env, previous.env_orig)
            self.app.cfg = previous
            self.setup(self.app)
        return fault


def hand_sockets_on(master: Arbiter) -> None:
    """Move the listening sockets to the descriptors that a new master expects, before exec.

    A service manager passes them from descriptor 3 on; gunicorn expects that, but has moved them.
    """
    if master.systemd:
        files = [listener.fileno() for listener in master.LISTENERS]
        copies = [
            fcntl.fcntl(file, fcntl.F_DUPFD_CLOEXEC, FIRST_SOCKET + len(files)) for file in files
        ]
        for number, copy in enumerate(copies, FIRST_SOCKET):
            os.dup2(copy, number)


def responds(worker: Worker) -> bool:
    """Return whether the worker has started to respond.

    Its heartbeat is a file's time by the monotonic clock, which counts from the machine's start.
    Before the first heartbeat it is the wall-clock time at which the file was created.
    """
    return bool(worker.tmp.last_update() <= time.monotonic())


def _start_context(directory: str) -> dict[str | int, Any]:
    """Return how to start the new master of an upgrade, with the paths that started this one.

    A symbolic link selects the release. Either the directory or the Python in its .venv was named
    through that link, so the new master uses what the link points to then. gunicorn's own command
    line would put the inside of its package on the path.
    """
    python = Path(sys.executable)
    home = python.parent.parent.parent
    if home.resolve() == Path(directory).resolve():
        named = Path(directory) if home == home.resolve() else home
        directory, python = str(named), named / python.relative_to(home)
    return {
        "args": [str(python), "-m", "gunicorn", *sys.argv[1:]],
        "cwd": directory,
        0: str(python),
    }
