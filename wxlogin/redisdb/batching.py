"""Batching: concurrent requests of a worker share one round trip to Redis.

Half of the cost of a round trip in a busy worker is the system's: send, wake up, receive. So while
one exchange is in progress, other requests wait; then one of them, the leader, sends all of them
together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError

from wxlogin.redisdb.replies import Result
from wxlogin.unpatched import original

Command = tuple[str | int, ...]


class Packed(NamedTuple):
    """Commands in Redis's wire format, and how many they are."""

    data: bytes
    commands: int


def pack(commands: list[Command]) -> Packed:
    """Encode commands; TypeError for an argument that is neither text nor a number."""
    data = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]
    return Packed(data, len(commands))


class Pending:
    """One request that waits. `wakeup` is released when it is done or becomes the leader."""

    __slots__ = ("error", "is_leader", "request", "results", "wakeup")

    def __init__(self, request: Packed) -> None:
        self.request = request
        self.results: list[Result] = []
        self.error: Exception | None = None
        self.is_leader = False
        self.wakeup = threading.Lock()
        self.wakeup.acquire()

    def result(self) -> list[Result]:
        """Return the results; raise the error with which the exchange failed."""
        if self.error:
            raise self.error
        return self.results


class Batcher:
    """Runs one exchange at a time. Its commands must be safe to send twice.

    Requests are packed before they come here, so a request that cannot be sent fails alone. An
    exchange that fails, fails for every request in it and for those that wait: nobody knows what
    became of the commands, and nobody should wait for a server that does not answer.
    """

    def __init__(self, exchange: Callable[[Packed], list[Result]]) -> None:
        self._exchange = exchange
        self._lock: threading.Lock = original("threading", "Lock")()
        self._busy = False
        self._waiting: list[Pending] = []

    def submit(self, request: Packed) -> list[Result]:
        """Send a request with those of others; return the result of each of its commands."""
        with self._lock:
            pending = Pending(request) if self._busy else None
            if pending:
                self._waiting.append(pending)
            self._busy = True
        if pending is None:
            return self._lead(request)
        self._wait(pending)
        return self._lead(request) if pending.is_leader else pending.result()

    def _wait(self, pending: Pending) -> None:
        try:
            pending.wakeup.acquire()
        except BaseException:  # its greenlet was killed
            with self._lock:
                if pending in self._waiting:
                    self._waiting.remove(pending)
            if pending.is_leader:
                self._choose_leader()
            raise

    def _lead(self, request: Packed) -> list[Result]:
        """Send a request and those that wait; return its results, and wake the others."""
        others = self._take_waiting()
        try:
            results = self._exchange(_joined(request, others) if others else request)
            rest = islice(results, request.commands, None)
            for pending in others:
                pending.results = list(islice(rest, pending.request.commands))
        except BaseException as error:
            others += self._take_waiting()
            for pending in others:
                pending.error = RedisConnectionError(f"the batch of this request failed: {error}")
            raise
        finally:
            for pending in others:
                pending.wakeup.release()
            self._choose_leader()
        return results[: request.commands] if others else results

    def _take_waiting(self) -> list[Pending]:
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken

    def _choose_leader(self) -> None:
        """Let one of the waiting requests lead the next exchange."""
        with self._lock:
            leader = self._waiting.pop(0) if self._waiting else None
            self._busy = leader is not None
            if leader:
                leader.is_leader = True
        if leader:
            leader.wakeup.release()


def _joined(request: Packed, others: Iterable[Pending]) -> Packed:
    requests = [request, *(pending.request for pending in others)]
    return Packed(
        b"".join([request.data for request in requests]),
        sum([request.commands for request in requests]),
    )
