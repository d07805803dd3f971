"""HUP, USR2 and a restart lose no call, and what cannot start harms nobody who serves."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.deploy.harness.gunicorn_master import LONG, Master
from tests.deploy.harness.load import Callers
from tests.development.command import children
from tests.harness.gunicorn_server import environment
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.traffic import WIDE

pytestmark = pytest.mark.settings(**WIDE)
LIMITS = {name.removeprefix("WXLOGIN_"): text for name, text in WIDE.items()}
REFUSED = "HUP is refused, and the old workers go on."


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Iterator[Callable[..., Master]]:
    """Starts gunicorn on the site's stores."""
    with ExitStack() as running:

        def start(**settings: str) -> Master:
            given = environment(site, **LIMITS, **settings)
            return running.enter_context(Master(given, tmp_path / "gunicorn.log"))

        yield start


@pytest.fixture
def master(start: Callable[..., Master]) -> Master:
    """Gunicorn on the site's stores."""
    return start()


@pytest.fixture
def token(phone: Phone) -> str:
    """The token of somebody who is signed in."""
    return str(phone.login()["token"])


def test_hup_under_load_loses_no_call(master: Master, token: str) -> None:
    with Callers(master.url, token) as callers:
        for _ in range(3):
            old = master.workers()
            master.signal(signal.SIGHUP)
            master.wait_for_others_than(old)
            callers.wait()
    assert callers.failures == []


def test_hups_at_once_end_with_two_workers_of_the_last(master: Master, token: str) -> None:
    first = master.workers()
    with Callers(master.url, token) as callers:
        for _ in range(3):
            master.signal(signal.SIGHUP)
        master.wait_for_others_than(first)
        callers.wait()
    assert callers.failures == []


def test_hup_while_another_is_under_way_counts(site: Site, own: Path) -> None:
    key, gate = site.directory / "metrics_token", own.with_name("gate")
    key.write_text("a" * 24)
    held = f"server.log.info('is held')\n    while os.path.exists({str(gate)!r}):"
    own.write_text(
        own.read_text() + "import time\ndef post_worker_init(worker):\n"
        f"    {held.replace('server', 'worker')}\n        time.sleep(0.05)\n"
    )
    given = environment(site, **LIMITS, METRICS_TOKEN_FILE=str(key), TRUSTED_HOPS="1")
    with Master(given, own.with_suffix(".log"), configuration=own) as master:
        held_before = master.said().count("is held")
        gate.touch()
        master.signal(signal.SIGHUP)
        master.wait_for("is held", held_before + 2)  # both have read their settings
        key.write_text("b" * 24)
        master.signal(signal.SIGHUP)
        master.wait_for("Handling signal: hup", 2)
        gate.unlink()
        eventually(lambda: all(_reads_metrics(master, "b") for _ in range(8)), LONG)


def test_hup_reads_the_files_of_secrets_anew(site: Site, start: Callable[..., Master]) -> None:
    key = site.directory / "metrics_token"
    key.write_text("a" * 24)
    master = start(METRICS_TOKEN_FILE=str(key), TRUSTED_HOPS="1")
    assert _reads_metrics(master, "a")
    key.write_text("b" * 24)
    assert not _reads_metrics(master, "b")
    old = master.workers()
    master.signal(signal.SIGHUP)
    master.wait_for_others_than(old)
    assert _reads_metrics(master, "b")
    assert not _reads_metrics(master, "a")


def test_hup_with_a_wrong_key_file_is_refused_and_the_old_workers_go_on(
    site: Site, master: Master, token: str
) -> None:
    keys, old = site.directory / "data_keys", master.workers()
    sound = keys.read_text()
    with Callers(master.url, token) as callers:
        keys.write_text("not a key")
        master.signal(signal.SIGHUP)
        master.wait_for(REFUSED)
        callers.wait()
        master.wait_for_workers(old)
        keys.unlink()
        master.signal(signal.SIGHUP)
        master.wait_for(REFUSED, 2)
        callers.wait()
        master.wait_for_workers(old)
        keys.write_text(sound)
        master.signal(signal.SIGHUP)
        master.wait_for_others_than(old)
        callers.wait()
    assert callers.failures == []
    assert "Traceback" not in master.said()
    assert master.said().count("wxlogin cannot start with these settings") == 2
    assert "not a key" not in master.said()


def test_hup_with_a_broken_configuration_is_refused(site: Site, own: Path, token: str) -> None:
    sound = own.read_text()
    with Master(environment(site, **LIMITS), own.with_suffix(".log"), configuration=own) as master:
        old = master.workers()
        with Callers(master.url, token) as callers:
            own.write_text("nonsense(")
            master.signal(signal.SIGHUP)
            master.wait_for(REFUSED)
            callers.wait()
            master.wait_for_workers(old)
            own.write_text(sound)
            master.signal(signal.SIGHUP)
            master.wait_for_others_than(old)
        assert callers.failures == []


def test_hup_to_workers_that_do_not_start_leaves_the_old_ones(
    site: Site, own: Path, token: str
) -> None:
    broken = own.with_name("broken")
    fails = f"if os.path.exists({str(broken)!r}):\n        os._exit(1)\n"
    own.write_text(own.read_text() + f"def post_fork(server, worker):\n    {fails}")
    with Master(environment(site, **LIMITS), own.with_suffix(".log"), configuration=own) as master:
        old = master.workers()
        with Callers(master.url, token) as callers:
            broken.touch()
            master.signal(signal.SIGHUP)
            master.wait_for("HUP failed, and the old workers go on")
            master.wait_for_workers(old)
            callers.wait()
            broken.unlink()
            master.signal(signal.SIGHUP)
            master.wait_for_others_than(old)
            callers.wait()
        assert callers.failures == []


def test_hup_comes_up_while_redis_and_the_database_are_out(start: Callable[..., Master]) -> None:
    master = start(
        REDIS_URL=f"redis://127.0.0.1:{free_port()}/0",
        DATABASE_URL=f"postgresql+psycopg://a:b@127.0.0.1:{free_port()}/a",
    )
    old = master.workers()
    master.signal(signal.SIGHUP)
    master.wait_for_others_than(old)
    assert master.answers()


def test_a_killed_worker_is_replaced(master: Master) -> None:
    one, other = master.workers()
    os.kill(one, signal.SIGKILL)
    eventually(lambda: len(master.workers()) == 2 and one not in master.workers(), LONG)
    eventually(lambda: other in master.workers(), LONG)
    assert master.answers()


def test_a_worker_that_does_not_start_is_tried_again_while_the_other_serves(
    site: Site, master: Master, token: str
) -> None:
    keys = site.directory / "data_keys"
    sound = keys.read_text()
    one, other = master.workers()
    keys.write_text("not a key")
    os.kill(one, signal.SIGKILL)
    master.wait_for("A worker did not start. The next try is in", 2)
    eventually(lambda: other in master.workers(), LONG)
    assert master.answers()
    keys.write_text(sound)
    eventually(lambda: len(master.workers()) == 2, LONG)
    with Callers(master.url, token) as callers:
        callers.wait()
    assert callers.failures == []
    assert "Traceback" not in master.said()


def test_usr2_under_load_loses_no_call_and_the_new_master_takes_over(
    master: Master, token: str
) -> None:
    old = master.workers()
    with Callers(master.url, token) as callers:
        master.signal(signal.SIGUSR2)
        assert master.process.wait(LONG) == 0
        callers.wait()
    assert callers.failures == []
    master.wait_for("Master has been promoted.")
    assert not any(Path(f"/proc/{pid}").exists() for pid in old)
    assert master.said().count("Starting gunicorn") == 2


def test_usr2_to_a_master_that_does_not_start_leaves_the_old_one(
    site: Site, master: Master, token: str
) -> None:
    keys, old = site.directory / "data_keys", master.workers()
    sound = keys.read_text()
    keys.write_text("not a key")
    with Callers(master.url, token) as callers:
        master.signal(signal.SIGUSR2)
        master.wait_for("The new master ended, and this one goes on")
        callers.wait()
        master.wait_for_workers(old)
        keys.write_text(sound)
        master.signal(signal.SIGUSR2)
        assert master.process.wait(LONG) == 0
        callers.wait()
    assert callers.failures == []


def test_a_restart_on_the_service_managers_socket_loses_no_call(master: Master, token: str) -> None:
    with Callers(master.url, token) as callers:
        assert master.stop() == 0
        master.start()
        callers.wait()
    assert callers.failures == []


def test_a_stop_does_not_wait_for_idle_connections(site: Site, tmp_path: Path) -> None:
    patient = ("--graceful-timeout", "600")
    with (
        Master(environment(site), tmp_path / "gunicorn.log", *patient) as master,
        socket.create_connection(master.listener.getsockname(), LONG) as idle,
        requests.Session() as kept,
    ):
        assert kept.get(f"{master.url}/healthz", timeout=LONG).ok
        assert master.stop() == 0
        assert idle.recv(1) == b""
    assert "Socket error" not in master.log.read_text("utf-8")


def test_a_connection_without_a_request_for_a_while_ends_and_nothing_is_logged(
    site: Site, tmp_path: Path
) -> None:
    with (
        Master(environment(site), tmp_path / "gunicorn.log", "--keep-alive", "1") as master,
        socket.create_connection(master.listener.getsockname(), LONG) as idle,
    ):
        for _ in range(2):
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: wxlogin\r\n\r\n")
            assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        assert idle.recv(1) == b""
    assert "Socket error" not in master.log.read_text("utf-8")


def test_nothing_is_connected_and_no_thread_runs_before_the_fork(master: Master) -> None:
    pid = master.process.pid
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
    open_files = [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
    listener = str(Path(f"/proc/self/fd/{master.listener.fileno()}").readlink())
    assert {file for file in open_files if file.startswith("socket:")} == {listener}


def test_two_masters_keep_their_numbers_apart_and_clean_up(master: Master) -> None:
    old = master.workers()
    (first,) = _directories(old)
    master.signal(signal.SIGUSR2)
    master.wait_for("ending the old master")
    (new,) = set(children(master.process.pid)) - old
    eventually(lambda: len(children(new)) == 2, LONG)
    (second,) = _directories(set(children(new)))
    assert master.process.wait(LONG) == 0
    assert second != first
    assert second.is_dir()
    assert not first.exists()


def _directories(workers: set[int]) -> set[Path]:
    """Where the workers keep their numbers."""
    found = set()
    for pid in workers:
        for mapped in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
            if "wxlogin-metrics-" in mapped:
                found.add(Path(mapped.split()[-1]).parent)
    return found


def _reads_metrics(master: Master, letter: str) -> bool:
    """Whether a worker takes the token of 24 such letters."""
    headers = {
        "Authorization": f"Bearer {letter * 24}",
        "X-Forwarded-For": "203.0.113.7",
        "Connection": "close",
    }
    return requests.get(f"{master.url}/metrics", headers=headers, timeout=LONG).ok
