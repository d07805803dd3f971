"""What cannot be taken up, cannot start or hangs harms nobody who serves, and leaves nothing."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.deploy.harness.gunicorn_master import LONG, Master
from tests.development.command import children
from tests.harness.gunicorn_server import environment
from tests.harness.site import Site
from tests.harness.timing import eventually

REFUSED = "HUP is refused, and the old workers go on."
HANGS = """
import time
def post_fork(server, worker):
    while os.path.exists({gate!r}):
        time.sleep(0.05)
"""


def serving(site: Site, own: Path, *words: str) -> Master:
    """Gunicorn with a configuration of the test's own."""
    return Master(environment(site), own.with_suffix(".log"), *words, configuration=own)


REFUSED_CONFIGURATIONS = (
    "worker_class = 'no.such.Worker'",
    "def on_reload(server):\n    raise RuntimeError('at once')",
    "def on_reload(server):\n    raise SystemExit(3)",
    "def nworkers_changed(server, new, old):\n    raise ValueError",
    "raw_env = ['no value']",
    "raw_env = ['WXLOGIN_SESSION_MAX_AGE=soon', 'OTHER=new']",
)


def test_a_configuration_that_cannot_be_set_up_is_refused_in_one_message(
    site: Site, own: Path
) -> None:
    sound = own.read_text() + "raw_env = ['OTHER=old']\n"
    own.write_text(sound)
    with serving(site, own) as master:
        old = master.workers()
        for times, fault in enumerate(REFUSED_CONFIGURATIONS, 1):
            own.write_text(f"{sound}{fault}\n")
            master.signal(signal.SIGHUP)
            master.wait_for(REFUSED, times)
            assert master.answers(), fault
            assert master.workers() == old, fault
            assert "Traceback" not in master.said(), fault
        own.write_text(sound)
        master.signal(signal.SIGHUP)
        master.wait_for_others_than(old)
        assert master.answers()


def test_hup_checks_the_settings_that_the_new_configuration_tells(site: Site, own: Path) -> None:
    sound = own.read_text()
    own.write_text(sound + "raw_env = ['WXLOGIN_TRUSTED_HOPS=1']\n")
    with serving(site, own) as master:
        old = master.workers()
        own.write_text(sound + "raw_env = ['WXLOGIN_TRUSTED_HOPS=many']\n")
        master.signal(signal.SIGHUP)
        master.wait_for("WXLOGIN_TRUSTED_HOPS")
        master.wait_for(REFUSED)
        assert master.workers() == old
        own.write_text(sound)
        master.signal(signal.SIGHUP)
        master.wait_for_others_than(old)


@pytest.mark.parametrize(
    "fault",
    [
        "def pre_fork(server, worker):\n    raise RuntimeError('not now')",
        "worker_tmp_dir = '/nowhere'",
    ],
)
def test_workers_that_cannot_be_forked_leave_the_old_ones(
    site: Site, own: Path, fault: str
) -> None:
    sound = own.read_text()
    with serving(site, own) as master:
        old = master.workers()
        own.write_text(f"{sound}{fault}\n")
        master.signal(signal.SIGHUP)
        master.wait_for("HUP failed, and the old workers go on")
        assert master.answers()
        assert master.workers() == old


def test_new_workers_that_hang_while_they_start_are_ended(site: Site, own: Path) -> None:
    gate = own.with_name("gate")
    own.write_text(own.read_text() + HANGS.format(gate=str(gate)))
    with serving(site, own, "--timeout", "8", "--graceful-timeout", "0") as master:
        old = master.workers()
        gate.touch()
        master.signal(signal.SIGHUP)
        eventually(lambda: len(master.workers()) == 4, LONG)
        master.wait_for("HUP failed, and the old workers go on")
        master.wait_for_workers(old)
        assert master.answers()


def test_a_first_start_that_hangs_ends_and_says_so(site: Site, own: Path) -> None:
    gate = own.with_name("gate")
    gate.touch()
    own.write_text(own.read_text() + HANGS.format(gate=str(gate)))
    master = serving(site, own, "--timeout", "1", "--graceful-timeout", "0")
    try:
        master.start()
        assert master.process.wait(LONG) == 3
        assert "hangs; it is killed" in master.said()
    finally:
        master.close()
        master.listener.close()


def test_hup_without_a_limit_waits_for_workers_that_start_slowly(site: Site, own: Path) -> None:
    gate = own.with_name("gate")
    own.write_text(own.read_text() + HANGS.format(gate=str(gate)))
    with serving(site, own, "--timeout", "0") as master:
        old = master.workers()
        gate.touch()
        master.signal(signal.SIGHUP)
        eventually(lambda: len(master.workers()) == 4, LONG)
        # A call of another kind passes through the master's loop, which looks at the workers then.
        for times in range(1, 4):
            master.signal(signal.SIGUSR1)
            master.wait_for("Handling signal: usr1", times)
            assert len(master.workers()) == 4
        gate.unlink()
        master.wait_for_others_than(old)
        assert "HUP failed" not in master.said()


def test_workers_that_do_not_start_leave_no_file_open(site: Site, own: Path) -> None:
    broken = own.with_name("broken")
    fails = f"if os.path.exists({str(broken)!r}):\n        raise RuntimeError"
    own.write_text(own.read_text() + f"def post_fork(server, worker):\n    {fails}\n")
    with serving(site, own) as master:
        old = master.workers()
        for times in range(1, 3):
            broken.touch()
            master.signal(signal.SIGHUP)
            master.wait_for("HUP failed, and the old workers go on", times)
            master.wait_for_workers(old)
        broken.unlink()
        eventually(lambda: heartbeats(master.process.pid) == 2, LONG)


def heartbeats(pid: int) -> int:
    """How many files of workers' heartbeats a process has open."""
    return sum("wgunicorn-" in str(f.readlink()) for f in Path(f"/proc/{pid}/fd").iterdir())


def test_usr2_to_a_master_whose_workers_do_not_start_leaves_the_old_one(
    site: Site, own: Path
) -> None:
    broken = own.with_name("broken")
    fails = f"if os.path.exists({str(broken)!r}):\n        os._exit(1)"
    own.write_text(own.read_text() + f"def post_fork(server, worker):\n    {fails}\n")
    with serving(site, own) as master:
        old = master.workers()
        broken.touch()
        master.signal(signal.SIGUSR2)
        master.wait_for("A worker did not start. The next try is in")
        (new,) = set(children(master.process.pid)) - old
        assert master.answers()
        assert master.process.poll() is None
        assert "ending the old master" not in master.said()
        broken.unlink()
        assert master.process.wait(LONG) == 0
        eventually(lambda: len(children(new)) == 2, LONG)
        assert master.answers()
