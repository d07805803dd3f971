"""The numbers of gunicorn's workers add up, whichever of them is asked."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.development.command import children
from tests.harness.gunicorn_server import gunicorn
from tests.harness.metrics import Numbers
from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.redisdb import keys

COUNTED = "wxlogin_request_seconds_count"


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """Stop a process, so that others do its work, until the block ends."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(sys.platform != "linux", reason="which process is a worker is told by /proc")
def test_the_numbers_of_two_workers_add_up_and_outlive_them(site: Site) -> None:
    with gunicorn(site) as server:
        url, master = server.address.url, server.pid
        numbers = Numbers(site, url)
        workers = list(children(master))
        assert len(workers) == 2
        for worker in workers:
            with standing_still(worker):
                for _ in range(3):
                    requests.get(f"{url}/nowhere", timeout=10)
                alone = numbers.grown(COUNTED, endpoint="none")
            assert alone == 3 * (workers.index(worker) + 1)
        os.kill(workers[0], signal.SIGKILL)
        eventually(lambda: children(master).keys() - set(workers))
        assert numbers.grown(COUNTED, endpoint="none") == 6


def test_the_overview_is_counted_before_anybody_looks(site: Site) -> None:
    ranges = [keys.statistics(steps, seconds) for steps, seconds in ((24, 3600), (30, 86_400))]
    with gunicorn(site):
        eventually(lambda: site.redis.exists(*ranges) == len(ranges))
