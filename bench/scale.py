"""Does anything but memory grow with the number of users? Calls of the API and console at a size.

    python -m bench.scale                     1,000,000 users, 3,000,000 sessions, 10,000,000 logins
    python -m bench.scale --users 100000      a tenth of each

A PostgreSQL and a Valkey of its own are filled; the sandbox stands in WeChat's place. Each call is
made many times in this process, for users chosen at random among those who are real. CPU time is
that of this process, Valkey and PostgreSQL together, so that it holds on a shared machine too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import cast

from flask import Flask
from sqlalchemy import select, text

from bench.contestants import LIMIT, Wxlogin
from bench.cpu_time import clock_of
from bench.databases import maintain, postgres
from bench.question_data import APPID, DAYS, OTHER, SECRET, Size
from bench.questions import environment_of, fill, measure, site
from bench.scale_calls import Callers
from bench.scale_data import TABLES, copy_rows, copy_sessions
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.models import User
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.connection import connect
from wxlogin.sandbox import SandboxServer
from wxlogin.sandbox.world import World
from wxlogin.services import Services
from wxlogin.watch.retention import Progress, purge

REAL = Size(2_000, 6_000, 10_000, 10_000, 2_000, 1_000, 10_000)
LOGINS_A_USER = 10
EVENTS = 1_000_000
TIMES = 100
BATCHES = 60
PAGE_ROUNDS = 3
WIDE = ("LOGIN_IP", "LOGIN_OPENID", "API_TOKEN", "SEARCH")


def main() -> None:
    """Fill the stores, and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=TIMES, help="how often each call is made")
    given = parser.parse_args()
    secret = {APPID: SECRET, OTHER: SECRET}
    with (
        tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name,
        postgres() as database,
        SandboxServer(secret) as sandbox,
    ):
        directory = Path(name)
        (directory / "valkey").mkdir()
        sandbox.world.exchanges_per_minute = 10**9
        with ValkeyServer(directory / "valkey", port=0, extra=("--save", "")) as valkey:
            settings = _environment(Wxlogin(valkey.url, directory), database, sandbox)
            _run(site(settings, directory), sandbox.world, given.users, given.times)


def _run(app: Flask, world: World, users: int, times: int) -> None:
    services: Services = app.extensions["wxlogin"]
    redis, began = connect(services.settings.redis_url), time.time()
    known = fill(app, REAL, lambda number: world.openid(f"user-{number}", APPID))
    with app.app_context():
        real = select(User.public_id).where(User.id <= REAL.users)
        public_ids = db.session.scalars(real).all()
        db.session.commit()  # nobody waits for what this has read
        with ThreadPoolExecutor() as pool:
            copying = pool.submit(copy_sessions, services.settings.redis_url, public_ids, users)
            copy_rows(db.engine, REAL.users, users, users * LOGINS_A_USER, EVENTS)
            copying.result()
        maintain(db.engine)
        cpu = clock_of(redis, db.engine)
        print(f"{users:,} users, filled in {time.time() - began:.0f} s")
        _print_sizes(redis)
    ask(app, world, cpu, times)
    print()
    measure(app, known, rounds=PAGE_ROUNDS)
    with app.app_context():
        _purge(cpu)


def ask(app: Flask, world: World, cpu: Callable[[], float], times: int) -> None:
    """Make each call so many times, and print what it takes."""
    print("\n| call | least CPU ms | median | 99th percentile |\n| --- | ---: | ---: | ---: |")
    for title, prepare in Callers(app, world).calls():
        taken = [_spent(prepare(), cpu) for _ in range(times)]
        figures = min(taken), median(taken), quantiles(taken, n=100)[98]
        print(f"| {title} | {' | '.join(f'{one:.1f}' for one in figures)} |", flush=True)


def _spent(call: Callable[[], None], cpu: Callable[[], float]) -> float:
    """Return the milliseconds of CPU that a call takes."""
    before = cpu()
    call()
    return cpu() - before


def _purge(cpu: Callable[[], float]) -> None:
    """Remove some batches of a table's oldest rows."""
    progress = purge(db.engine, datetime.now(UTC) - timedelta(days=DAYS // 2))
    before = cpu()
    next(progress)
    counted, before = cpu() - before, cpu()
    batches = [_spent(lambda: _advance(progress), cpu) for _ in range(BATCHES)]
    print(f"\npurge: old rows counted in {counted:.0f} ms of CPU, a batch {median(batches):.1f}")


def _advance(progress: Iterator[Progress]) -> None:
    next(progress)


def _print_sizes(redis: Server) -> None:
    used = cast("dict[str, int]", redis.info("memory"))["used_memory"]
    print(f"Redis {used / 2**20:,.0f} MB, {redis.dbsize():,} keys")
    for name in TABLES:
        size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        found = db.session.scalar(size, {"name": f'"{name}"'}) or 0
        print(f"{name} {found / 2**20:,.0f} MB")


def _environment(wxlogin: Wxlogin, database: str, sandbox: SandboxServer) -> dict[str, str]:
    own = {
        "WX_API_BASE": sandbox.base,
        "SANDBOX": "on",
        "RISK_RANK": "off",
        "RULE_LOGINS_OPENID": "1000000/hour",
        **{f"LIMIT_{name}": LIMIT for name in WIDE},
    }
    given = {f"WXLOGIN_{name}": text for name, text in own.items()}
    return environment_of(wxlogin, database) | given


if __name__ == "__main__":
    main()
