"""The server itself ends and comes back: under gunicorn, as in production."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.harness.gunicorn_server import ForkedGunicorn
from tests.harness.leaks import issued, run_log
from tests.harness.site import APPID, SECRET
from wxlogin.development.address import parse_address
from wxlogin.development.app import Gunicorn
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer

KEYS = {
    "WXLOGIN_SECRET_KEYS": "Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA",
    "WXLOGIN_DATA_KEYS": "d1:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM=",
    "WXLOGIN_INDEX_KEYS": "i1:Tn4Vx0PzK2mWb6QyR8sLd1Fh3Jc5GaEu7oNiMvXkBtw=",
}


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """WeChat, on the true clock."""
    with SandboxServer({APPID: SECRET}) as running:
        yield running
        run_log.use(issued(running.world))


@pytest.fixture
def start(
    sandbox: SandboxServer, frail_valkey: ValkeyServer, migrated: Path, tmp_path: Path
) -> Iterator[Callable[[], Gunicorn]]:
    """Starts gunicorn with its own configuration, on the same stores each time."""
    database = tmp_path / "wxlogin.sqlite3"
    shutil.copy(migrated, database)
    rest = {name: text for name, text in os.environ.items() if not name.startswith("WXLOGIN_")}
    environment = {
        **rest,
        **KEYS,
        "WXLOGIN_ENV": "testing",
        "WXLOGIN_REDIS_URL": frail_valkey.url,
        "WXLOGIN_DATABASE_URL": f"sqlite:///{database}",
        "WXLOGIN_WX_APPID": APPID,
        "WXLOGIN_WX_SECRET": SECRET,
        "WXLOGIN_WX_API_BASE": sandbox.base,
    }
    started: list[Gunicorn] = []

    def start() -> Gunicorn:
        started.append(ForkedGunicorn(parse_address("127.0.0.1:0"), environment))
        started[-1].start()
        return started[-1]

    yield start
    for gunicorn in started:
        gunicorn.stop()


def ask(gunicorn: Gunicorn, method: str, path: str, **options: object) -> requests.Response:
    """One request."""
    with requests.Session() as http:
        http.trust_env = False
        return http.request(method, gunicorn.address.url + path, timeout=10, **options)


@pytest.mark.slow
def test_sessions_outlive_a_restart(start: Callable[[], Gunicorn], sandbox: SandboxServer) -> None:
    first = start()
    code = sandbox.world.login_code("alice")
    login = ask(first, "POST", "/v1/login", json={"code": code}).json()
    run_log.use([login["token"]])
    bearer = {"Authorization": f"Bearer {login['token']}"}
    before = ask(first, "GET", "/v1/session", headers=bearer)
    assert before.status_code == 200
    first.stop()
    second = start()
    after = ask(second, "GET", "/v1/session", headers=bearer)
    assert after.status_code == 200
    assert after.json()["session"]["id"] == login["session"]["id"]
    again = ask(second, "POST", "/v1/login", json={"code": sandbox.world.login_code("alice")})
    assert again.json()["user"] == {"id": login["user"]["id"], "is_new": False}
    assert ask(second, "POST", "/v1/logout", headers=bearer).json() == {"ended": 1}
    assert ask(second, "GET", "/v1/session", headers=bearer).json()["code"] == "SESSION_REVOKED"
