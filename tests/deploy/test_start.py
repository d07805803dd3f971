"""How gunicorn starts: what is wrong is said once, workers are counted, the manager is told."""

from __future__ import annotations

import re
import select
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from tests.deploy.harness.gunicorn_master import CONFIGURATION, LONG, Master, executed, replies
from tests.harness.environment import PRODUCTION
from tests.harness.gunicorn_server import environment
from tests.harness.site import Site

WRONG = {
    **PRODUCTION,
    "WXLOGIN_SECRET_KEYS": "short",
    "WXLOGIN_DATA_KEYS": "nonsense",
    "PATH": "/usr/bin:/bin",
}
GUNICORN = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"]
HEAD = "wxlogin cannot start with these settings:"


class Manager:
    """The service manager's socket, and the lines that it was told."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "notify.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(LONG)

    def told(self) -> dict[str, str]:
        """The next message."""
        lines = self._socket.recv(4096).decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def was_told(self) -> bool:
        """Whether a message waits."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    """A service manager that listens."""
    manager = Manager(tmp_path)
    yield manager
    manager.close()


def test_wrong_settings_are_said_once_without_a_traceback() -> None:
    status, said = replies([*GUNICORN, "-c", CONFIGURATION, "-w", "3", "wsgi:app"], WRONG)
    assert status == 2
    assert said.splitlines()[0].endswith(HEAD)
    assert said.count(HEAD) == 1
    assert [line.split()[1] for line in said.splitlines()[1:]] == [
        "WXLOGIN_SECRET_KEYS",
        "WXLOGIN_DATA_KEYS",
    ]
    assert "nonsense" not in said


def test_wrong_settings_are_said_without_a_traceback_under_gunicorns_own_configuration() -> None:
    status, said = executed([*GUNICORN, "--no-control-socket", "wsgi:app"], WRONG)
    assert status == 4
    assert said.count(HEAD) == 1
    assert "Traceback" not in said


def test_web_concurrency_names_the_workers() -> None:
    assert workers(WEB_CONCURRENCY="65") == 65


@pytest.mark.parametrize("named", ["0", ""])
def test_without_a_number_the_cpus_count(named: str) -> None:
    assert 1 <= workers(**({"WEB_CONCURRENCY": named} if named else {})) <= 64


def test_the_command_line_names_the_workers_above_all() -> None:
    assert workers("--workers", "7", WEB_CONCURRENCY="3") == 7


def workers(*words: str, **environ: str) -> int:
    """How many workers gunicorn would start; asked from another directory."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / CONFIGURATION)]
    given = {**PRODUCTION, "PATH": "/usr/bin:/bin", **environ}
    with_app = [*command, *words, "--print-config", "--chdir", str(ROOT), "wsgi:app"]
    _, said = replies(with_app, given)
    found = re.search(r"^workers +=? *(\d+)$", said, re.MULTILINE)
    assert found, said
    return int(found[1])


def test_the_master_loads_every_module_that_its_workers_need() -> None:
    modules = "{name for name in sys.modules if name.startswith('wxlogin')}"
    script = (
        f"import runpy, sys; runpy.run_path({CONFIGURATION!r}); loaded = {modules}; "
        f"import wsgi; print(*sorted({modules} - loaded))"
    )
    assert executed([sys.executable, "-c", script], PRODUCTION) == (0, "\n")


def test_a_stop_is_heeded_while_the_workers_start(site: Site, tmp_path: Path) -> None:
    given = environment(site)
    master = Master(given, tmp_path / "gunicorn.log", "--graceful-timeout", "600")
    try:
        master.start()
        master.wait_for("Booting worker")
        assert master.stop() == 0
    finally:
        master.close()
        master.listener.close()


def test_the_manager_is_told_ready_once_a_worker_answers(
    site: Site, own: Path, manager: Manager
) -> None:
    gate = own.with_name("gate")
    gate.touch()
    own.write_text(
        f"{own.read_text()}import time\ndef post_fork(server, worker):\n"
        f"    while os.path.exists({str(gate)!r}):\n        time.sleep(0.05)\n"
    )
    given = {**environment(site), "NOTIFY_SOCKET": str(manager.path)}
    master = Master(given, own.with_suffix(".log"), configuration=own)
    try:
        master.start()
        master.wait_for("Booting worker", 2)
        for times in range(1, 3):  # after each signal the master looks at its workers
            master.signal(signal.SIGUSR1)
            master.wait_for("Handling signal: usr1", times)
        assert not manager.was_told()
        gate.unlink()
        assert manager.told()["READY"] == "1"
        assert master.answers()
        master.signal(signal.SIGTERM)
        assert manager.told() == {"STOPPING": "1"}
    finally:
        master.close()
        master.listener.close()


def test_the_manager_is_told_of_reloads_and_of_refused_ones(
    site: Site, tmp_path: Path, manager: Manager
) -> None:
    given = {**environment(site), "NOTIFY_SOCKET": str(manager.path)}
    keys = site.directory / "data_keys"
    sound = keys.read_text()
    with Master(given, tmp_path / "gunicorn.log") as master:
        assert manager.told() == {"READY": "1", "STATUS": "Serving"}
        old = master.workers()
        master.signal(signal.SIGHUP)
        reloading = manager.told()
        assert reloading["RELOADING"] == "1"
        assert int(reloading["MONOTONIC_USEC"]) > 0
        assert manager.told() == {"READY": "1", "STATUS": "Serving"}
        master.wait_for_others_than(old)
        keys.write_text("not a key")
        master.signal(signal.SIGHUP)
        assert manager.told()["RELOADING"] == "1"
        assert manager.told() == {"READY": "1", "STATUS": "HUP was refused; see the log"}
        keys.write_text(sound)


def test_the_manager_is_told_of_the_new_master_of_an_upgrade(
    site: Site, tmp_path: Path, manager: Manager
) -> None:
    given = {**environment(site), "NOTIFY_SOCKET": str(manager.path)}
    with Master(given, tmp_path / "gunicorn.log") as master:
        assert manager.told()["READY"] == "1"
        old = master.workers()
        master.signal(signal.SIGUSR2)
        new = int(manager.told()["MAINPID"])
        assert new not in old
        assert master.process.wait(LONG) == 0
        assert manager.told() == {"READY": "1", "STATUS": "Serving"}
        assert Path(f"/proc/{new}").exists()
