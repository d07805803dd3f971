"""Mixed traffic for a while: does all stay flat, and is every answer the one that is due?

    python -m bench.soak                        64 connections for 20 minutes
    python -m bench.soak --minutes 2            shorter
    python -m bench.soak --pause 0.1            more calls a second

Two workers as in production, on a PostgreSQL and a Valkey of their own, the sandbox in WeChat's
place. Each connection is a user who signs in on one of two phones, makes calls, renews the
session_key, sends a forged token, is introspected, signs out or is kicked, and is refused then; one
in eight is an operator who reads. It exits with 1 if an answer was not the one that was due.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import flask_migrate

from bench.contestants import LIMIT, Wxlogin, recipes
from bench.databases import postgres
from bench.servers import Server
from bench.soak_people import People
from bench.soak_readings import Reading, print_readings, read
from config import load
from wxlogin.app import create_app
from wxlogin.development.address import first_free
from wxlogin.development.valkey import ValkeyServer
from wxlogin.operators.api_tokens import Bounds
from wxlogin.operators.permissions import Scope
from wxlogin.redisdb.connection import connect
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services

FIRST_PORT = 18_500
APPID = "wx0123456789abcdef"
EVERY_SECONDS = 15
WIDE = (
    "LOGIN_IP",
    "LOGIN_OPENID",
    "FAIL_IP",
    "API_IP",
    "API_OPENID",
    "API_TOKEN",
    "SEARCH",
    "DECRYPT_OPENID",
)


def main() -> None:
    """Run it; exit with 1 if an answer was unexpected."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two calls of one")
    given = parser.parse_args()
    with _site() as (server, sandbox, operator, redis_url, log):
        people = People(server.url, sandbox.world, operator, given.connections, given.pause)
        with people.busy():
            readings = list(_watched(server, redis_url, given.minutes * 60, people))
        warnings = _warnings(log)
    print_readings(readings)
    print(f"\n{sum(people.expected.values())} answers as expected:", dict(people.expected))
    print(f"{sum(people.unexpected.values())} unexpected:", dict(people.unexpected))
    print("warnings and errors in the log:", dict(warnings))
    sys.exit(1 if people.unexpected else 0)


@contextmanager
def _site() -> Iterator[tuple[Server, SandboxServer, str, str, Path]]:
    """Yield a server, WeChat, an API token of an operator, the URL of Redis, and the log."""
    with (
        tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name,
        postgres() as database,
        SandboxServer({APPID: secrets.token_hex(16)}) as sandbox,
    ):
        directory = Path(name)
        (directory / "valkey").mkdir()
        sandbox.world.exchanges_per_minute = 10**9
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            wxlogin = Wxlogin(valkey.url, directory)
            others = {"DATABASE_URL": database, **{f"LIMIT_{name}": LIMIT for name in WIDE}}
            environment = wxlogin.environment_with(sandbox, APPID, **others)
            operator = _token(environment, directory)
            command = recipes(valkey.url, wxlogin, express=False)["wxlogin"].command
            port = first_free(FIRST_PORT).port
            with Server(command(port), port, environment, directory / "log") as server:
                yield server, sandbox, operator, valkey.url, directory / "log"


def _token(environment: Mapping[str, str], directory: Path) -> str:
    """Make the tables, and an API token that may read, kick and introspect."""
    app = create_app(load(environment, instance=directory))
    services: Services = app.extensions["wxlogin"]
    with app.app_context():
        flask_migrate.upgrade()
        scopes: tuple[Scope, ...] = ("read", "operate", "introspect")
        token, _row = services.operators.tokens.create("soak", scopes, "bench", Bounds(None))
    services.redis.close()
    return token


def _warnings(log: Path) -> Counter[str]:
    """Return what the program warned of, by logger and event."""
    found = Counter[str]()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("{") and '"level": "info"' not in line:
            entry = json.loads(line)
            found[f"{entry.get('logger')}: {str(entry.get('event'))[:200]}"] += 1
    return found


def _watched(server: Server, redis_url: str, seconds: float, people: People) -> Iterator[Reading]:
    """Yield what the server holds, again and again."""
    redis = connect(redis_url)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        time.sleep(min(EVERY_SECONDS, seconds - passed))
        clients = len(cast("list[object]", redis.client_list()))
        reading = read(server.children(), clients, time.monotonic() - began, people.answers)
        print(reading, flush=True)
        yield reading


if __name__ == "__main__":
    main()
