"""wxlogin on stores of its own, with the sandbox in WeChat's place, and people who can call it.

The stores are a Valkey and a PostgreSQL, or SQLite where this machine has no PostgreSQL.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
from flask import Flask
from redis import Redis

from bench.contestants import LIMIT, Wxlogin
from bench.databases import has_postgres, postgres
from bench.prepared import Callers
from config import load
from wxlogin.app import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer
from wxlogin.services import Services

APPID = "wx0123456789abcdef"
WIDE = ("LOGIN_IP", "LOGIN_OPENID", "DECRYPT_OPENID", "API_TOKEN", "SCAN_IP", "SCAN_POLL_IP")
QUIET = ("LOGINS_OPENID", "OPENIDS_IP", "SCANS_ELSEWHERE")
SETTINGS = {
    "REQUIRE_HTTPS": "on",
    "TRUSTED_HOPS": "1",
    **{f"LIMIT_{name}": LIMIT for name in WIDE},
    **{f"RULE_{name}": "1000000/minute" for name in QUIET},
}
"""A proxy is in front, as in production. All come from one address: limits and alerts stay out."""


@dataclass(frozen=True)
class Site:
    """The settings of servers, and in this process an app on the same stores, which callers use."""

    environment: Mapping[str, str]
    database: str
    redis: Redis
    wechat: SandboxServer
    app: Flask
    callers: Callers
    directory: Path


@contextmanager
def site(directory: Path) -> Iterator[Site]:
    """Yield one in an empty directory; it ends with the block."""
    (directory / "valkey").mkdir(parents=True)
    with (
        _database(directory) as database,
        SandboxServer({APPID: secrets.token_hex(16)}) as wechat,
        ValkeyServer(directory / "valkey", port=0) as valkey,
        Redis.from_url(valkey.url) as redis,
    ):
        wechat.world.exchanges_per_minute = 10**9
        wxlogin, given = Wxlogin(valkey.url, directory), {**SETTINGS, "DATABASE_URL": database}
        environment = wxlogin.environment_with(wechat, APPID, **given)
        app = create_app(load(environment, instance=directory))
        logging.getLogger("wxlogin").setLevel(logging.WARNING)  # a line a call, otherwise
        with app.app_context():
            flask_migrate.upgrade()
        callers = Callers(app, wechat.world)
        kind = database.partition(":")[0].partition("+")[0]
        yield Site(environment, kind, redis, wechat, app, callers, directory)
        services: Services = app.extensions["wxlogin"]
        services.watch.recorder.flush()  # while the stores are there


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    if has_postgres():
        with postgres() as url:
            yield url
    else:
        yield f"sqlite:///{directory / 'site.sqlite3'}"
