"""The calls that are made at a size: each of a user chosen at random among those who are real."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from bench.contestants import DRAFT, PROXY
from bench.question_data import APPID
from wxlogin.extensions import db
from wxlogin.models import App, User
from wxlogin.operators.api_tokens import Bounds
from wxlogin.sandbox.world import World
from wxlogin.services import Services


class Call(NamedTuple):
    """A call of the API, and whom it is made for; what it needs is there before it is timed."""

    title: str
    prepare: Callable[[], Callable[[], None]]


class Callers:
    """Makes calls for users who log in through the sandbox."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app = app
        self._client = app.test_client()
        self._world = world
        self._random = random.Random(17)
        self._services: Services = app.extensions["wxlogin"]
        with app.app_context():
            tokens = self._services.operators.tokens
            token, _row = tokens.create("bench", ("read", "operate"), "bench", Bounds(None))
            mine = select(User.public_id).join(App).where(App.appid == APPID)
            real = mine.where(User.external_id.like("member-%")).order_by(User.id)
            self._users = list(db.session.scalars(real))
        self._operator = {**PROXY, "Authorization": f"Bearer {token}"}

    def calls(self) -> Iterator[Call]:
        """Yield each call."""
        yield Call("auth", lambda: self._as_user("/v1/auth", 204))
        yield Call("session", lambda: self._as_user("/v1/session", 200))
        yield Call("sessions of a user", lambda: self._as_user("/v1/sessions", 200))
        yield Call("login", self._login)
        yield Call("login of a new user", self._first_login)
        yield Call("kick", self._kick)
        yield Call("list of users", lambda: self._read("/users"))
        yield Call("list of live sessions", lambda: self._read("/sessions"))
        yield Call("list of events", lambda: self._read("/events"))
        yield Call("a user's sessions", lambda: self._read(f"/users/{self._user()}/sessions"))
        yield Call("a user's logins", lambda: self._read(f"/users/{self._user()}/logins"))
        yield Call("a user's timeline", lambda: self._read(f"/users/{self._user()}/timeline"))
        yield Call("search by openid", lambda: self._search("openid", self._openid()))
        yield Call("search by external id", lambda: self._search("external_id", self._member()))
        yield Call("overview", lambda: self._read("/overview"))

    def _user(self) -> str:
        return self._random.choice(self._users)

    def _number(self) -> int:
        """Return the number of a user of the mini-program who is not banned."""
        return self._random.choice([n for n in range(0, 2 * len(self._users), 2) if n % 500])

    def _openid(self) -> str:
        return self._world.openid(f"user-{self._number()}", APPID)

    def _member(self) -> str:
        return f"member-{self._number()}"

    def _as_user(self, path: str, due: int) -> Callable[[], None]:
        token, ref = self._services.sessions.tokens.mint(self._user())
        self._services.sessions.store.create(ref, DRAFT, None)
        headers = {**PROXY, "Authorization": f"Bearer {token}"}
        return lambda: self._expect(due, "GET", path, headers)

    def _login(self) -> Callable[[], None]:
        return self._login_of(f"user-{self._number()}")

    def _first_login(self) -> Callable[[], None]:
        return self._login_of(f"new-{self._random.randrange(2**60)}")

    def _login_of(self, name: str) -> Callable[[], None]:
        body = {"code": self._world.login_code(name, APPID), "appid": APPID}
        return lambda: self._expect(200, "POST", "/v1/login", PROXY, body)

    def _kick(self) -> Callable[[], None]:
        path = f"/admin/api/users/{self._user()}/kick"
        return lambda: self._expect(200, "POST", path, self._operator)

    def _read(self, path: str) -> Callable[[], None]:
        return lambda: self._expect(200, "GET", f"/admin/api{path}", self._operator)

    def _search(self, by: str, value: str) -> Callable[[], None]:
        body = {by: value}
        return lambda: self._expect(200, "POST", "/admin/api/users/search", self._operator, body)

    def _expect(
        self,
        due: int,
        method: str,
        path: str,
        headers: dict[str, str],
        body: dict[str, str] | None = None,
    ) -> None:
        answer = self._client.open(path, method=method, headers=headers, json=body)
        assert answer.status_code == due, f"{path}: {answer.status_code} {answer.text}"
