"""How long the console's pages take behind which operators find answers, on a large installation.

    python -m bench.questions                     100,000 users, 300,000 sessions, a million events
    python -m bench.questions --share 0.1         a tenth of that
    python -m bench.questions --database URL      in an empty database instead of SQLite's

Each page is asked for in this process, without a server, on a real Valkey: `first` is the answer
of a worker that has just started, `then` the median of those after it. CPU time is that of this
process, Valkey and the database together: what a page takes where nobody else is served.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

import flask_migrate
from flask import Flask
from sqlalchemy import Engine, text

import config
from bench.contestants import LIMIT, Wxlogin
from bench.cpu_time import clock_of
from bench.question_data import APPID, Filler, Size
from wxlogin.app import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.redisdb.connection import connect
from wxlogin.services import Services

ROUNDS = 9
LIMIT_MS = 300.0
PROXY = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
NAME, PASSWORD = "bench", "Quiet-otter-46-lanterns"  # nosec B105


class Asked(NamedTuple):
    """A page: the question that it answers, and how it is asked for."""

    question: str
    title: str
    ask: Callable[[], None]


def main() -> None:
    """Fill the stores, ask for each page, print the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("--database", default="", help="URL of an empty database")
    given = parser.parse_args()
    logging.disable(logging.ERROR)  # the trail that is made up has no head in Redis
    size = Size(**{one.name: int(getattr(Size(), one.name) * given.share) for one in fields(Size)})
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            environment = _environment(Wxlogin(valkey.url, directory), given.database)
            _measure(environment, directory, size)


def _measure(environment: dict[str, str], directory: Path, size: Size) -> None:
    app = create_app(config.load(environment, instance=directory))
    services: Services = app.extensions["wxlogin"]
    with app.app_context():
        flask_migrate.upgrade()
        services.operators.admins.create(NAME, "owner", PASSWORD)
        filler, began = Filler(services.settings, time.time()), time.perf_counter()
        redis = connect(services.settings.redis_url)
        filler.fill(db.engine, redis, size)
        engine = db.engine
        _maintain(engine)
    print(f"{size} on {db_name(services)}, filled in {time.perf_counter() - began:.0f} s\n")
    print(f"| {'question':28} | {'page':28} | first ms | CPU ms | then ms | CPU ms |")
    print(f"| {'---':28} | {'---':28} | ---: | ---: | ---: | ---: |")
    reader, cpu = Reader(app), clock_of(redis, engine)
    for asked in _pages(reader, filler, size):
        first, *others = [_timed(asked.ask, cpu) for _ in range(1 + ROUNDS)]
        wall, busy = (median(column) for column in zip(*others, strict=True))
        slow = " over the limit" if max(first[1], busy) > LIMIT_MS else ""
        numbers = f"{first[0]:8.0f} | {first[1]:6.0f} | {wall:7.0f} | {busy:6.0f} |{slow}"
        print(f"| {asked.question:28} | {asked.title:28} | {numbers}", flush=True)


class Reader:
    """An owner at the console, who has signed in."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        body = {"username": NAME, "password": PASSWORD}
        answer = self._client.post("/admin/api/login", json=body, headers=PROXY)
        assert answer.status_code == 200, answer.text
        self._csrf = answer.get_json()["csrf_token"]

    def get(self, path: str, **query: str) -> Callable[[], None]:
        """Return what reads a page."""
        target = f"/admin{path}?{urlencode(query)}" if query else f"/admin{path}"

        def read() -> None:
            answer = self._client.get(target, headers=PROXY)
            assert answer.status_code == 200, answer.text

        return read

    def send(self, path: str, **form: str) -> Callable[[], None]:
        """Return what sends a form and reads the page that it leads to."""
        data = {**form, "csrf_token": self._csrf}

        def send() -> None:
            answer = self._client.post(
                f"/admin{path}", data=data, headers=PROXY, follow_redirects=True
            )
            assert answer.status_code == 200, answer.text

        return send


def _pages(reader: Reader, filler: Filler, size: Size) -> Iterator[Asked]:
    """Yield the pages behind the questions of docs/console.md."""
    someone, get = f"/users/{filler.somebody}", reader.get
    number = size.users // 2 + 1
    month = {"since": _local(31), "until": _local(1)}
    yield Asked("any", "overview", get("/"))
    yield Asked("any", "overview, 30 days", get("/", span="month"))
    yield Asked(
        "why was he logged out", "find by openid", reader.send("/find", q=filler.openid(number))
    )
    yield Asked("why was he logged out", "user", get(someone))
    yield Asked("ban until Friday", "ban", get(f"{someone}/ban"))
    yield Asked("the AppSecret leaked", "mini-programs", get("/apps"))
    yield Asked("the AppSecret leaked", "replace the AppSecret", get(f"/apps/{APPID}/secret"))
    yield Asked("is something wrong now", "now", get("/status"))
    yield Asked("is something wrong now", "open alerts", get("/alerts", open="true"))
    yield Asked("last month's acts", "audit", get("/audit"))
    yield Asked("last month's acts", "audit of a month", get("/audit", **month))
    yield Asked(
        "whose phone is this", "find by phone", reader.send("/find", q=filler.phone(number))
    )
    yield Asked("failing logins by app", "events of an app", get("/events", app=APPID))
    yield Asked(
        "failing logins by app",
        "warnings of an app",
        get("/events", app=APPID, severity="warning", **month),
    )
    yield Asked(
        "who did what to this user",
        "acts about a user",
        get("/audit", target=f"user:{filler.somebody}"),
    )
    yield Asked("other", "users", get("/users"))
    yield Asked("other", "live sessions", get("/sessions"))
    yield Asked("other", "live sessions on the web", get("/sessions", platform="web"))
    yield Asked("other", "events", get("/events"))
    yield Asked("other", "find by address", reader.send("/find", q="198.51.100.9"))


def _timed(ask: Callable[[], None], cpu: Callable[[], float]) -> tuple[float, float]:
    """Return the milliseconds of a page by the clock, and of CPU."""
    busy, began = cpu(), time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began), cpu() - busy


def _local(days_ago: int) -> str:
    return datetime.fromtimestamp(time.time() - 86_400 * days_ago, UTC).isoformat()


def _maintain(sql: Engine) -> None:
    """Do what PostgreSQL does by itself within a minute of so many writes."""
    if sql.dialect.name == "postgresql":
        with sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def db_name(services: Services) -> str:
    """Return which database is measured."""
    return services.settings.database_url.partition(":")[0]


def _environment(wxlogin: Wxlogin, database: str) -> dict[str, str]:
    wide = dict.fromkeys(("WXLOGIN_LIMIT_SEARCH", "WXLOGIN_LIMIT_EXPORT"), LIMIT)
    chosen = {"WXLOGIN_DATABASE_URL": database} if database else {}
    return {**wxlogin.environment, **wide, **chosen}


if __name__ == "__main__":
    main()
