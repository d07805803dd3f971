"""Callers that go on while something changes, and what became of each of their calls."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import urllib3

from tests.harness.crowd import Crowd

CALLERS = 6
PAUSE = 0.01
"""Seconds between two calls of a caller."""
PATIENCE = 60.0


class Call(NamedTuple):
    """One request and the status that it should have."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    status: int


class Server(NamedTuple):
    """Where they ask: a name that a certificate vouches for, at this machine's own port."""

    name: str
    certificate: Path

    def pool(self) -> urllib3.HTTPSConnectionPool:
        """Connections to it that check the certificate; none tries anything twice."""
        return urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            443,
            server_hostname=self.name,
            assert_hostname=self.name,
            ca_certs=str(self.certificate),
            headers={"Host": self.name},
            retries=False,
            timeout=PATIENCE,
        )


class Load(Crowd):
    """Callers who ask the calls in turn until the block ends, and what came back."""

    def __init__(self, server: Server, calls: Sequence[Call]) -> None:
        super().__init__(CALLERS)
        self.answered = 0
        self.lost: list[str] = []
        self._server = server
        self._calls = calls

    def _go_on(self, number: int) -> None:
        """Ask one call after the other, every other on a connection of its own."""
        kept = self._server.pool()
        turned = itertools.cycle([*self._calls[number:], *self._calls[:number]])
        for turn, call in enumerate(turned):
            if self._stop.wait(PAUSE):
                return
            self._ask(kept if turn % 2 else self._server.pool(), call)

    def _ask(self, pool: urllib3.HTTPSConnectionPool, call: Call) -> None:
        try:
            headers = {"Host": self._server.name, **call.headers}
            answer = pool.urlopen(call.method, call.path, call.body, headers)
        except (urllib3.exceptions.HTTPError, ValueError) as fault:
            self.lost.append(f"{call.method} {call.path}: {fault!r}")
            return
        self.answered += 1
        if answer.status != call.status:
            self.lost.append(f"{call.method} {call.path}: {answer.status} {answer.data!r}")


class Callers(Crowd):
    """Half of them keep their connection, as a proxy does, and half open one for each call.

    Until the block ends, each call that is not answered with 200 stands in `failures`.
    """

    def __init__(self, url: str, token: str) -> None:
        super().__init__(CALLERS)
        self.failures: list[str] = []
        self.answered = 0
        self._address = urlsplit(url).netloc
        self._bearer = {"Authorization": f"Bearer {token}"}

    def __enter__(self) -> Self:
        super().__enter__()
        self.wait(CALLERS)
        return self

    def wait(self, answered: int = 50) -> None:
        """Wait until that many more calls were answered."""
        with self._changed:
            goal = self.answered + answered
            assert self._changed.wait_for(lambda: self.answered >= goal, PATIENCE), self.failures

    def _go_on(self, number: int) -> None:
        keeps = number % 2 == 0
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE)
        while not self._stop.wait(PAUSE):
            try:
                self._note(self._asked(connection))
            except (OSError, http.client.HTTPException) as fault:
                self._note(repr(fault))
                connection.close()
            if not keeps:
                connection.close()
        connection.close()

    def _asked(self, connection: http.client.HTTPConnection) -> str:
        connection.request("GET", "/v1/session", headers=self._bearer)
        answer = connection.getresponse()
        body = answer.read()
        return "" if answer.status == http.client.OK else f"{answer.status} {body!r}"

    def _note(self, failure: str) -> None:
        with self._changed:
            if failure:
                self.failures.append(failure)
            else:
                self.answered += 1
            self._changed.notify_all()
