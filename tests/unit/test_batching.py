"""Requests of one worker that ask Redis at the same time: which share an exchange."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config import ROOT
from tests.harness.redis_process import until
from wxlogin.redisdb.batching import Batcher, Packed, pack
from wxlogin.redisdb.replies import Result

KILLED = """
from gevent import monkey, sleep, spawn
monkey.patch_all()
from wxlogin.redisdb.batching import Batcher, Packed

def exchange(request):
    sleep(0.01)
    if request.data == b"f":
        following.kill(block=False)  # which meets it when it has become the leader
    return list(request.data.decode())

def one(name):
    return batcher.submit(Packed(name.encode(), 1))

batcher = Batcher(exchange)
first, following, waiting, *others = [
    spawn(one, name) for name in ("f", "g", "w", "c", "d")
]
sleep(0)
waiting.kill()
print([each.get(timeout=5) for each in (first, *others)], one("z"))
"""


class Link:
    """Stands for the connection: an exchange waits until the test lets it end."""

    def __init__(self) -> None:
        self.exchanged: list[bytes] = []
        self.fault: Exception | None = None
        self.batcher = Batcher(self._exchange)
        self._ends = threading.Semaphore(0)
        self._threads = ThreadPoolExecutor(8)
        self._submitted = 0

    def submit(self, text: str) -> Future[list[Result]]:
        """Submit a request with a command for each letter; return once it is sent or waits."""
        self._submitted += 1
        future = self._threads.submit(self.batcher.submit, Packed(text.encode(), len(text)))
        until(lambda: self._known() == self._submitted, "a request that is sent or waits")
        return future

    def end_exchange(self) -> None:
        """Let an exchange end."""
        self._ends.release()

    def _known(self) -> int:
        return len(self.exchanged[:1]) + len(self.batcher._waiting)

    def _exchange(self, request: Packed) -> list[Result]:
        self.exchanged.append(request.data)
        self._ends.acquire()
        if self.fault:
            raise self.fault
        letters = request.data.decode()
        assert request.commands == len(letters)
        return [f"to {letter}" for letter in letters]


@pytest.fixture
def link() -> Link:
    """A connection without requests."""
    return Link()


def test_requests_that_wait_share_one_exchange(link: Link) -> None:
    futures = [link.submit("a"), link.submit("bc"), link.submit("d"), link.submit("e")]
    link.end_exchange()
    link.end_exchange()
    results = [future.result(5) for future in futures]
    assert results == [["to a"], ["to b", "to c"], ["to d"], ["to e"]]
    assert link.exchanged == [b"a", b"bcde"]


def test_a_fault_fails_every_request_and_keeps_none_waiting(link: Link) -> None:
    futures = [link.submit("a"), link.submit("b"), link.submit("c")]
    link.fault = RedisTimeoutError("no answer")
    link.end_exchange()
    with pytest.raises(RedisTimeoutError):
        futures[0].result(5)
    for future in futures[1:]:
        with pytest.raises(RedisConnectionError, match="no answer"):
            future.result(5)
    assert link.exchanged == [b"a"]


def test_a_batcher_goes_on_after_a_fault(link: Link) -> None:
    test_a_fault_fails_every_request_and_keeps_none_waiting(link)
    link.fault = None
    link.end_exchange()
    assert link.batcher.submit(Packed(b"d", 1)) == ["to d"]


def test_a_request_killed_while_it_waits_holds_up_no_other() -> None:
    command = [sys.executable, "-c", KILLED]
    said = subprocess.check_output(command, cwd=ROOT, text=True, timeout=60)
    assert said == "[['f'], ['c'], ['d']] ['z']\n"


def test_commands_are_packed_in_the_wire_format_and_counted() -> None:
    get = b"*2\r\n$3\r\nGET\r\n$4\r\nname\r\n"
    expire = b"*3\r\n$7\r\nPEXPIRE\r\n$4\r\nname\r\n$1\r\n5\r\n"
    assert pack([("GET", "name"), ("PEXPIRE", "name", 5)]) == Packed(get + expire, 2)
