"""What is measured: each server, the call, and the headers of those who are signed in there."""

from __future__ import annotations

import json
import secrets
import sys
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import flask_migrate
from sqlalchemy import create_engine

import config
from wxlogin.app import create_app
from wxlogin.clock import system_clock
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services
from wxlogin.sessions import Draft
from wxlogin.sessions.ids import Ids
from wxlogin.sessions.tokens import new_public_id
from wxlogin.wiring import build

USERS = 64
WORKERS = 2
LIMIT = "1000000000/minute"
KEY = secrets.token_hex(32)
ADDRESS = "192.0.2.7"
PROXY = {"X-Forwarded-For": ADDRESS, "X-Forwarded-Proto": "https"}
"""What the proxy in front says of a call."""
IDS = Ids("AAAAAAAAAAAAAAAAAAAAAA", version=1)
"""The person of every user: without one, a session's requests would look for it in SQL."""
DRAFT = Draft("wx0123456789abcdef", "ios", "a phone", "", ADDRESS, ids=IDS)

OTHERS = ("--worker-class", "gevent")
"""Other apps run on gunicorn's own worker, as whoever installs Flask and gunicorn has them."""

Headers = list[str]
"""One `Name: value` for each user who is signed in."""


@dataclass(frozen=True)
class Contestant:
    """One row of the table. `server` names whose processes answer: two rows may share one."""

    name: str
    title: str
    server: str
    path: str
    sign_in: Callable[[str], Headers]


@dataclass(frozen=True)
class Recipe:
    """How a server is started, its port aside."""

    command: Callable[[int], Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wxlogin:
    """wxlogin as production runs it, behind one proxy that ends HTTPS, with its guard on."""

    redis_url: str
    directory: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """Its settings; the limits are counted but never reached."""
        # The keys, and the tables, for which workers would look all the time.
        with create_app(self._load()).app_context():
            flask_migrate.upgrade()
        files = {
            f"{name}_KEYS_FILE": name.lower() + "_keys" for name in ("SECRET", "DATA", "INDEX")
        }
        keys = {name: str(self.directory / file) for name, file in files.items()}
        return {f"WXLOGIN_{name}": text for name, text in {**self._settings, **keys}.items()}

    def environment_with(self, sandbox: SandboxServer, appid: str, **others: str) -> dict[str, str]:
        """Its settings where people log in at a sandbox, without a proxy.

        `others` are further ones, without their prefix.
        """
        own = {
            "WX_APPID": appid,
            "WX_SECRET": sandbox.world.secret_of(appid) or "",
            "WX_API_BASE": sandbox.base,
            "SANDBOX": "on",
            "REQUIRE_HTTPS": "off",
            "TRUSTED_HOPS": "0",
            **others,
        }
        return self.environment | {f"WXLOGIN_{name}": text for name, text in own.items()}

    def services(self) -> Services:
        """Its services in this process, on the same keys and the same Redis."""
        settings = self._load()
        return build(settings, system_clock, create_engine(settings.database_url))

    def sign_in(self, _url: str) -> Headers:
        """Sessions as a login makes them, without asking WeChat."""
        services = self.services()
        headers = []
        for _ in range(USERS):
            token, ref = services.sessions.tokens.mint(new_public_id())
            services.sessions.store.create(ref, DRAFT, None)
            headers.append(f"Authorization: Bearer {token}")
        services.redis.close()
        return headers

    def _load(self) -> config.Settings:
        given = {f"WXLOGIN_{name}": text for name, text in self._settings.items()}
        return config.load(given, instance=self.directory)

    @property
    def _settings(self) -> dict[str, str]:
        return {
            "ENV": "testing",
            "REDIS_URL": self.redis_url,
            "DATABASE_URL": f"sqlite:///{self.directory / 'wxlogin.sqlite3'}",
            "REQUIRE_HTTPS": "on",
            "TRUSTED_HOPS": "1",
            "LIMIT_API_IP": LIMIT,
            "LIMIT_API_OPENID": LIMIT,
        }


def recipes(redis_url: str, wxlogin: Wxlogin, *, express: bool) -> dict[str, Recipe]:
    """The servers by their names."""
    given = {"BENCH_REDIS_URL": redis_url, "BENCH_LIMIT": LIMIT, "BENCH_KEY": KEY}
    found = {
        "bare": Recipe(gunicorn("bench.apps.bare:app", *OTHERS)),
        "wxlogin": Recipe(wxlogin_command, wxlogin.environment),
        "flask-session": Recipe(gunicorn("bench.apps.flask_session:app", *OTHERS), given),
        "jwt": Recipe(gunicorn("bench.apps.jwt_blacklist:app", *OTHERS), given),
    }
    if express:
        node = {**given, "BENCH_WORKERS": str(WORKERS), "NODE_ENV": "production"}
        found["express"] = Recipe(_node, node)
    return found


def contestants(wxlogin: Wxlogin, *, express: bool) -> list[Contestant]:
    """The rows of the table."""
    found = [
        Contestant("bare", "bare Flask, no session", "bare", "/me", lambda _: ["Accept: */*"]),
        Contestant("auth", "wxlogin `GET /v1/auth`", "wxlogin", "/v1/auth", wxlogin.sign_in),
        Contestant(
            "session", "wxlogin `GET /v1/session`", "wxlogin", "/v1/session", wxlogin.sign_in
        ),
        Contestant(
            "flask-session", "Flask-Session + Flask-Limiter", "flask-session", "/me", _cookies
        ),
        Contestant("jwt", "JWT + blacklist + Flask-Limiter", "jwt", "/me", _bearers),
    ]
    if express:
        title = "Express + express-session + rate-limit-redis"
        found.append(Contestant("express", title, "express", "/me", _cookies))
    return found


def gunicorn(app: str, *options: str, workers: int = WORKERS) -> Callable[[int], Sequence[str]]:
    """Return how gunicorn is started with an app at a port."""
    own = ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--workers", str(workers), *options]
    return lambda port: [sys.executable, *own, "--bind", f"127.0.0.1:{port}", app]


def wxlogin_command(port: int) -> Sequence[str]:
    """Return how wxlogin is started at a port."""
    return gunicorn("wsgi:app")(port)


def _node(port: int) -> Sequence[str]:
    return ["/usr/bin/env", f"BENCH_PORT={port}", "node", "bench/express/server.mjs"]


def _cookies(url: str) -> Headers:
    """A session cookie for each user."""
    return [f"Cookie: {_login(url, n)[1]}" for n in range(USERS)]


def _bearers(url: str) -> Headers:
    """A JWT for each user."""
    return [f"Authorization: Bearer {json.loads(_login(url, n)[0])['token']}" for n in range(USERS)]


def _login(url: str, user: int) -> tuple[bytes, str]:
    """The body and the cookie that a login is answered."""
    request = urllib.request.Request(f"{url}/login/user-{user}", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read(), (answer.headers["Set-Cookie"] or "").partition(";")[0]
