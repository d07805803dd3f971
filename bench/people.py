"""People who log in and out while workers are killed; an operator who kicks some of them."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from wxlogin.sandbox import SandboxServer

PEOPLE = 8
LOGINS_A_USER = 4
"""The second takes the place of the first; the third is signed out, the fourth kicked."""


class Answer(NamedTuple):
    """Status and body of an answer; status 0 where the connection broke."""

    status: int
    body: dict[str, Any]


class People:
    """Threads that log in until there were enough logins; a dead worker stops nobody."""

    def __init__(self, sandbox: SandboxServer, url: str, wanted: int, operator: str) -> None:
        """`operator` is an API token that may kick."""
        self._sandbox = sandbox
        self._url = url.removeprefix("http://")
        self._wanted = wanted
        self._operator = operator
        self._lock = threading.Lock()
        self.answered: set[str] = set()
        self.signed_out: set[str] = set()
        self.failures: Counter[int] = Counter()

    @property
    def enough(self) -> bool:
        """Whether so many logins were answered."""
        return len(self.answered) >= self._wanted

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Log in beside the block, and to the end."""
        threads = [threading.Thread(target=self._go_on, args=(n,)) for n in range(PEOPLE)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                thread.join()

    def _go_on(self, number: int) -> None:
        count = 0
        while not self.enough:
            code = self._sandbox.world.login_code(f"user-{number}-{count // LOGINS_A_USER}")
            body = {"code": code, "device_id": f"device-{count % 2}"}
            login = self._call("/v1/login", body)
            if login.status == http.client.OK:
                with self._lock:
                    self.answered.add(login.body["session"]["id"])
                self._leave(count % LOGINS_A_USER, login.body)
            count += 1

    def _leave(self, turn: int, login: Mapping[str, Any]) -> None:
        """End the session, or let it stay."""
        if turn == 2:
            ended = self._call("/v1/logout", {}, str(login["token"]))
        elif turn == 3:
            user = login["user"]["id"]
            ended = self._call(f"/admin/api/users/{user}/kick", None, self._operator)
        else:
            return
        if ended.status == http.client.OK and ended.body["ended"]:
            with self._lock:
                self.signed_out.add(login["session"]["id"])

    def _call(self, path: str, body: Mapping[str, str] | None, token: str = "") -> Answer:
        connection = http.client.HTTPConnection(self._url, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        text = None
        if body is not None:
            headers["Content-Type"], text = "application/json", json.dumps(body)
        try:
            connection.request("POST", path, text, headers)
            response = connection.getresponse()
            answer = Answer(response.status, json.loads(response.read()))
        except (OSError, http.client.HTTPException, ValueError):
            answer = Answer(0, {})
        finally:
            connection.close()
        if answer.status != http.client.OK:
            with self._lock:
                self.failures[answer.status] += 1
        return answer
