"""What a webhook endpoint adds to a login, in this process, without a server.

    python -m bench.logins [--logins N]

A real Valkey and SQLite answer, the sandbox stands in WeChat's place. Rounds without an endpoint
and with one that wants every event take turns; the CPU time is that of the thread that logs in.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, event

import config
from bench.contestants import PROXY, Wxlogin
from wxlogin.app import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.outbox import EventType
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services

APPID = "wx0123456789abcdef"
ROUNDS = 8
NOWHERE = "http://127.0.0.1:9/"


class Login(NamedTuple):
    """What one login cost: milliseconds by the clock and of CPU, and SQL statements."""

    wall: float
    cpu: float
    statements: float


def main() -> None:
    """Measure, and print both kinds of rounds."""
    parser = argparse.ArgumentParser(description="What a webhook endpoint adds to a login.")
    parser.add_argument("--logins", type=int, default=200, help="of each round")
    count = parser.parse_args().logins
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with (
            ValkeyServer(directory / "valkey", port=0) as valkey,
            SandboxServer({APPID: secrets.token_hex(16)}) as sandbox,
        ):
            app = _app(Wxlogin(valkey.url, directory), sandbox)
            with app.app_context():
                sandbox.world.exchanges_per_minute = 10**9
                flask_migrate.upgrade()
                _compare(app, lambda: sandbox.world.login_code("alice"), count)


def _compare(app: Flask, code: Callable[[], str], count: int) -> None:
    endpoints = _services(app).webhooks.endpoints
    _round(app, code, count)
    without, along = [], []
    for _ in range(ROUNDS):
        without.append(_round(app, code, count))
        endpoint, _secret = endpoints.create(NOWHERE, list(EventType), (), "bench")
        along.append(_round(app, code, count))
        endpoints.delete(endpoint)
    print("\na login                     ms   CPU ms   SQL statements")
    for name, rounds in (("without an endpoint", without), ("with one", along)):
        wall, cpu, statements = (median(column) for column in zip(*rounds, strict=True))
        print(f"  {name:20} {wall:8.2f} {cpu:8.2f} {statements:8.1f}")


def _round(app: Flask, code: Callable[[], str], count: int) -> Login:
    codes = [code() for _ in range(count)]
    with _counted(db.engine) as statements:
        wall, cpu = time.perf_counter(), time.thread_time()
        for one in codes:
            answer = app.test_client().post("/v1/login", json={"code": one}, headers=PROXY)
            assert answer.status_code == 200, answer.text
        spent = time.perf_counter() - wall, time.thread_time() - cpu
    each = [1000 * seconds / count for seconds in spent]
    return Login(each[0], each[1], len(statements) / count)


@contextmanager
def _counted(sql: Engine) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(sql, "before_cursor_execute", note)
    yield found
    event.remove(sql, "before_cursor_execute", note)


def _app(wxlogin: Wxlogin, sandbox: SandboxServer) -> Flask:
    given = {
        "APPID": APPID,
        "SECRET": sandbox.world.secret_of(APPID) or "",
        "API_BASE": sandbox.base,
    }
    wechat = {f"WXLOGIN_WX_{name}": text for name, text in given.items()}
    wide = {
        "WXLOGIN_LIMIT_LOGIN_IP": "1000000/minute",
        "WXLOGIN_LIMIT_LOGIN_OPENID": "1000000/minute",
    }
    quiet = {"WXLOGIN_RISK_RANK": "off", "WXLOGIN_RULE_LOGINS_OPENID": "1000000/hour"}
    environment = {**wxlogin.environment, **wechat, **wide, **quiet}
    return create_app(config.load(environment, instance=wxlogin.directory))


def _services(app: Flask) -> Services:
    found: Services = app.extensions["wxlogin"]
    return found


if __name__ == "__main__":
    main()
