"""Requests of one worker that ask Redis at the same time: who travels with whom."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from config import ROOT
from tests.harness.redis_process import until
from wxlogin.sessions.convoy import Command, Convoy

KILLED = """
from gevent import monkey, sleep, spawn
monkey.patch_all()
from wxlogin.sessions.convoy import Convoy

def exchange(commands):
    sleep(0.01)
    if commands == [("first",)]:
        following.kill(block=False)  # which meets it when its turn has come
    return [command[0] for command in commands]

convoy = Convoy(exchange)
first, following, waiting, *others = [
    spawn(convoy.carry, [(name,)]) for name in ("first", "following", "waiting", "c", "d")
]
sleep(0)
waiting.kill()
print([one.get(timeout=5) for one in (first, *others)], convoy.carry([("after",)]))
"""


class Road:
    """What a convoy travels on: each exchange waits until the test lets it end."""

    def __init__(self) -> None:
        self.carried: list[list[Command]] = []
        self.fault: Exception | None = None
        self._ends = threading.Semaphore(0)
        self._people = ThreadPoolExecutor(8)
        self._asked = 0
        self.convoy = Convoy(self._exchange)

    def ask(self, *names: str) -> Future[list[Any]]:
        """Somebody who asks; this returns when they are under way or wait."""
        self._asked += 1
        asking = self._people.submit(self.convoy.carry, [(name,) for name in names])
        until(lambda: self._known() == self._asked, "somebody who asks")
        return asking

    def end(self) -> None:
        """Let an exchange end."""
        self._ends.release()

    def _known(self) -> int:
        return sum(len(one) > 0 for one in self.carried[:1]) + len(self.convoy._waiting)

    def _exchange(self, commands: list[Command]) -> list[Any]:
        self.carried.append(commands)
        self._ends.acquire()
        if self.fault:
            raise self.fault
        return [f"to {command[0]}" for command in commands]


@pytest.fixture
def road() -> Road:
    """A way with nobody on it."""
    return Road()


def test_what_is_asked_meanwhile_travels_together(road: Road) -> None:
    people = [road.ask("a"), road.ask("b", "c"), road.ask("d"), road.ask("e")]
    road.end()
    road.end()
    told = [person.result(5) for person in people]
    assert told == [["to a"], ["to b", "to c"], ["to d"], ["to e"]]
    assert road.carried == [[("a",)], [("b",), ("c",), ("d",), ("e",)]]


def test_a_fault_is_told_to_all_and_holds_nobody_up(road: Road) -> None:
    people = [road.ask("a"), road.ask("b"), road.ask("c")]
    road.fault = RedisTimeoutError("no answer")
    road.end()
    with pytest.raises(RedisTimeoutError):
        people[0].result(5)
    for person in people[1:]:
        with pytest.raises(RedisConnectionError, match="no answer"):
            person.result(5)
    assert road.carried == [[("a",)]]


def test_a_convoy_goes_on_after_a_fault(road: Road) -> None:
    test_a_fault_is_told_to_all_and_holds_nobody_up(road)
    road.fault = None
    road.end()
    assert road.convoy.carry([("d",)]) == ["to d"]


def test_whoever_is_killed_while_waiting_holds_nobody_up() -> None:
    command = [sys.executable, "-c", KILLED]
    said = subprocess.check_output(command, cwd=ROOT, text=True, timeout=60)
    assert said == "[['first'], ['c'], ['d']] ['after']\n"
