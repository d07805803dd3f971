"""How long the console's pages take behind which operators find answers, on a large installation.

    python -m bench.questions                     100,000 users, 300,000 sessions, a million events
    python -m bench.questions --share 0.1         a tenth of that
    python -m bench.questions --postgres         on a PostgreSQL of its own instead of SQLite
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
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from statistics import median

import flask_migrate
from flask import Flask
from sqlalchemy import select

import config
from bench import question_webhooks
from bench.contestants import LIMIT, Wxlogin
from bench.cpu_time import clock_of
from bench.databases import maintain, postgres
from bench.question_data import Filler, Size, made_up
from bench.question_pages import NAME, PASSWORD, Known, Reader, pages
from wxlogin.app import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.models import LoginRecord
from wxlogin.redisdb import keys
from wxlogin.redisdb.connection import connect
from wxlogin.services import Services
from wxlogin.watch.statistics import DAYS, HOURS

ROUNDS = 9
LIMIT_MS = 300.0


def main() -> None:
    """Fill the stores, ask for each page, print the times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    parser.add_argument("--database", default="", help="URL of an empty database")
    parser.add_argument("--only", default="", help="pages whose title has this in it")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    given = parser.parse_args()
    size = Size(**{one.name: int(getattr(Size(), one.name) * given.share) for one in fields(Size)})
    with (
        tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name,
        postgres() if given.postgres else nullcontext(given.database) as database,
    ):
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            wxlogin = Wxlogin(valkey.url, directory)
            app = site(environment_of(wxlogin, database), directory)
            measure(app, fill(app, size), given.only)


def site(environment: dict[str, str], directory: Path) -> Flask:
    """Return the program on these stores, with its tables."""
    logging.disable(logging.ERROR)  # the trail that is made up has no head in Redis
    app = create_app(config.load(environment, instance=directory))
    with app.app_context():
        flask_migrate.upgrade()
    return app


def fill(app: Flask, size: Size, openid: Callable[[int], str] = made_up) -> Known:
    """Fill the stores with users of these openids; return what is asked for."""
    services: Services = app.extensions["wxlogin"]
    began = time.time()
    with app.app_context():
        services.operators.admins.create(NAME, "owner", PASSWORD)
        filler = Filler(services.settings, began, openid)
        filler.fill(db.engine, connect(services.settings.redis_url), size)
        webhook = question_webhooks.fill(services, db.engine, size.deliveries, began)
        maintain(db.engine)
        login = db.session.execute(
            select(LoginRecord.session_id, LoginRecord.request_id).where(
                LoginRecord.id == size.sessions // 2
            )
        ).one()
    print(f"{size} on {db_name(services)}, filled in {time.time() - began:.0f} s\n")
    return filler.known(size, str(login.session_id), str(login.request_id), webhook)


def measure(app: Flask, known: Known, only: str = "", rounds: int = ROUNDS) -> None:
    """Ask for each page whose title has a text in it; print the times."""
    services: Services = app.extensions["wxlogin"]
    print(f"| {'page':40} | first ms | CPU ms | then ms | CPU ms |")
    print(f"| {'---':40} | ---: | ---: | ---: | ---: |")
    with app.app_context():
        redis = connect(services.settings.redis_url)
        cpu = clock_of(redis, db.engine)
    # As a worker does before anybody looks.
    redis.delete(*(keys.statistics(over.steps, over.step_seconds) for over in (HOURS, DAYS)))
    _wall, busy = _timed(services.watch.statistics.count_ahead, cpu)
    print(f"| {'(the overview, counted ahead)':40} | {'':8} | {busy:6.0f} | {'':7} | {'':6} |")
    for title, ask in pages(Reader(app), known):
        if only not in title:
            continue
        first, *others = [_timed(ask, cpu) for _ in range(1 + rounds)]
        wall, busy = (median(column) for column in zip(*others, strict=True))
        slow = " over the limit" if max(first[1], busy) > LIMIT_MS else ""
        numbers = f"{first[0]:8.0f} | {first[1]:6.0f} | {wall:7.0f} | {busy:6.0f} |{slow}"
        print(f"| {title:40} | {numbers}", flush=True)


def _timed(ask: Callable[[], None], cpu: Callable[[], float]) -> tuple[float, float]:
    """Return the milliseconds of a page by the clock, and of CPU."""
    busy, began = cpu(), time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began), cpu() - busy


def db_name(services: Services) -> str:
    """Return which database is measured."""
    return services.settings.database_url.partition(":")[0]


def environment_of(wxlogin: Wxlogin, database: str) -> dict[str, str]:
    """Return the settings: searches and files are not limited."""
    wide = dict.fromkeys(("WXLOGIN_LIMIT_SEARCH", "WXLOGIN_LIMIT_EXPORT"), LIMIT)
    chosen = {"WXLOGIN_DATABASE_URL": database} if database else {}
    return {**wxlogin.environment, **wide, **chosen}


if __name__ == "__main__":
    main()
