"""Questions that several requests of a worker have at the same time, in one round trip.

Half of what a round trip costs a busy worker is the system's: to send, to wake, to read. So while
one exchange is under way, others gather; then one of them goes and takes all along.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError

Command = tuple[str | int, ...]


class Errand:
    """What one request asks; `turn` is released when it is done, or is to go itself."""

    __slots__ = ("commands", "fault", "goes", "replies", "turn")

    def __init__(self, commands: list[Command]) -> None:
        self.commands = commands
        self.replies: list[Any] | None = None
        self.fault: Exception | None = None
        self.goes = False
        self.turn = threading.Lock()
        self.turn.acquire()

    def brought(self) -> list[Any]:
        """The replies, or the fault of whoever took this along."""
        if self.fault:
            raise self.fault
        return self.replies or []


class Convoy:
    """One exchange at a time. The commands must bear to be sent twice.

    A fault is everybody's: those who were taken along do not know what became of their commands,
    and whoever waits is not kept waiting for a server that does not answer.
    """

    def __init__(self, exchange: Callable[[list[Command]], list[Any]]) -> None:
        self._exchange = exchange
        self._lock = threading.Lock()
        self._under_way = False
        self._waiting: list[Errand] = []

    def carry(self, commands: list[Command]) -> list[Any]:
        """What each of the commands brought."""
        errand = Errand(commands)
        with self._lock:
            errand.goes, self._under_way = not self._under_way, True
            if not errand.goes:
                self._waiting.append(errand)
        if not errand.goes:
            self._await(errand)
        if errand.goes:
            self._go(errand)
        return errand.brought()

    def _await(self, errand: Errand) -> None:
        try:
            errand.turn.acquire()
        except BaseException:  # its greenlet was killed: another goes
            with self._lock:
                if errand in self._waiting:
                    self._waiting.remove(errand)
            if errand.goes:
                self._give_way()
            raise

    def _go(self, errand: Errand) -> None:
        company = [errand, *self._gathered()]
        try:
            replies = iter(self._exchange([one for each in company for one in each.commands]))
            for each in company:
                each.replies = list(islice(replies, len(each.commands)))
        except BaseException as fault:
            company += self._gathered()
            for each in company[1:]:
                each.fault = RedisConnectionError(f"taken along by one that failed: {fault}")
            raise
        finally:
            for each in company[1:]:
                each.turn.release()
            self._give_way()

    def _gathered(self) -> list[Errand]:
        with self._lock:
            gathered, self._waiting = self._waiting, []
        return gathered

    def _give_way(self) -> None:
        """Let one of those who wait go."""
        with self._lock:
            following = self._waiting.pop(0) if self._waiting else None
            self._under_way = following is not None
            if following:
                following.goes = True
        if following:
            following.turn.release()
