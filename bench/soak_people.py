"""People on connections that stay open: each call has an answer that is due."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, NamedTuple

from wxlogin.sandbox.world import World

FORGED = "wxs_" + "A" * 108
OPERATOR_EVERY = 8
USERS_EACH = 4
READ = ("/users", "/sessions", "/events", "/overview", "/status", "/audit", "/alerts")
TIMEOUT = 60.0


class Answer(NamedTuple):
    """Status, and the body if it is JSON; status 0 where the connection broke."""

    status: int
    body: dict[str, Any]


class People:
    """Threads that go on until the block ends."""

    def __init__(self, url: str, world: World, operator: str, number: int, pause: float) -> None:
        """`operator` is an API token that may read, kick and introspect."""
        self._url = url.removeprefix("http://")
        self._world = world
        self._operator = operator
        self._number = number
        self._pause = pause
        self._lock = threading.Lock()
        self._over = threading.Event()
        self.expected: Counter[str] = Counter()
        self.unexpected: Counter[str] = Counter()

    @property
    def answers(self) -> int:
        """Return how many there were."""
        return self.expected.total() + self.unexpected.total()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Go on beside the block."""
        threads = [threading.Thread(target=self._go_on, args=(n,)) for n in range(self._number)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _go_on(self, number: int) -> None:
        connection = http.client.HTTPConnection(self._url, timeout=TIMEOUT)
        person = _Person(self, connection, number)
        for turn in count():
            if self._over.is_set():
                break
            if number % OPERATOR_EVERY:
                person.use(turn)
            else:
                person.look(turn)
        connection.close()

    def login_code(self, user: str) -> str:
        """Return a code of wx.login."""
        return self._world.login_code(user)

    def profile(self, user: str) -> dict[str, str]:
        """Return what wx.getUserProfile gives."""
        return self._world.profile(user)

    @property
    def operator(self) -> str:
        """The operator's token."""
        return self._operator

    def note(self, name: str, answer: Answer, due: int) -> bool:
        """Count an answer, and wait; whether it was due."""
        right = answer.status == due
        what = name if right else f"{name}: {answer.status} {answer.body.get('code', '')}"
        with self._lock:
            (self.expected if right else self.unexpected)[what] += 1
        self._over.wait(self._pause)
        return right


class _Person:
    """One connection, and who is behind it."""

    def __init__(self, people: People, connection: http.client.HTTPConnection, number: int) -> None:
        self._people = people
        self._connection = connection
        self._number = number

    def look(self, turn: int) -> None:
        """Read a list, as an operator does."""
        path = READ[turn % len(READ)]
        self._call(f"read {path}", 200, "GET", f"/admin/api{path}", self._people.operator)

    def use(self, turn: int) -> None:
        """Sign in, call, and go."""
        user = f"user-{self._number}-{turn % USERS_EACH}"
        body = {"code": self._people.login_code(user), "device_id": f"device-{turn % 2}"}
        login = self._call("login", 200, "POST", "/v1/login", body=body)
        if login.status != http.client.OK:
            return
        token = str(login.body["token"])
        for _ in range(4):
            self._call("auth", 204, "GET", "/v1/auth", token)
            self._call("session", 200, "GET", "/v1/session", token)
        self._call("me", 200, "GET", "/v1/me", token)
        profile = self._people.profile(user)
        self._call("decrypt", 200, "POST", "/v1/decrypt/profile", token, profile)
        code = {"code": self._people.login_code(user)}
        self._call("session_key", 200, "POST", "/v1/session/key", token, code)
        self._call("forged", 401, "GET", "/v1/auth", FORGED)
        self._introspect(token)
        self._go(turn % 3, token, str(login.body["user"]["id"]))

    def _go(self, turn: int, token: str, user: str) -> None:
        """Sign out, be kicked, or just stay away; who left is refused."""
        if turn == 0:
            return
        if turn == 1:
            self._call("logout", 200, "POST", "/v1/logout", token, {})
        else:
            path = f"/admin/api/users/{user}/kick"
            self._call("kick", 200, "POST", path, self._people.operator)
        self._call("refused", 401, "GET", "/v1/auth", token)

    def _introspect(self, token: str) -> None:
        form = f"token={token}"
        self._call("introspect", 200, "POST", "/v1/introspect", self._people.operator, form)

    def _call(
        self,
        name: str,
        due: int,
        method: str,
        path: str,
        token: str = "",
        body: Mapping[str, str] | str | None = None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        if body is not None:
            form = "application/x-www-form-urlencoded"
            headers["Content-Type"] = form if isinstance(body, str) else "application/json"
        answer = self._answer(method, path, text, headers)
        self._people.note(name, answer, due)
        return answer

    def _answer(self, method: str, path: str, text: str | None, headers: dict[str, str]) -> Answer:
        try:
            self._connection.request(method, path, text, headers)
            response = self._connection.getresponse()
            raw = response.read()
            return Answer(response.status, json.loads(raw) if raw else {})
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            return Answer(0, {})
