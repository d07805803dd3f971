"""WeChat hanging with eighty who wait for it: under gunicorn, as in production."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.faults.test_restart import KEYS
from tests.harness.crowd import together
from tests.harness.gunicorn_server import ForkedGunicorn
from tests.harness.redis_process import free_port
from tests.harness.site import APPID, SECRET
from wxlogin.development.address import Address
from wxlogin.development.app import Gunicorn
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer

pytestmark = pytest.mark.slow

LOGIN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"
WAITING = 80


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """WeChat, on the true clock."""
    with SandboxServer({APPID: SECRET}) as running:
        yield running


@pytest.fixture
def gunicorn(
    sandbox: SandboxServer, frail_valkey: ValkeyServer, migrated: Path, tmp_path: Path
) -> Iterator[Gunicorn]:
    """Two workers of gevent; what hangs at WeChat hangs for longer than the test takes."""
    shutil.copy(migrated, tmp_path / "wxlogin.sqlite3")
    rest = {name: text for name, text in os.environ.items() if not name.startswith("WXLOGIN_")}
    gunicorn = ForkedGunicorn(
        Address("127.0.0.1", free_port()),
        {
            **rest,
            **KEYS,
            "WXLOGIN_ENV": "testing",
            "WXLOGIN_REDIS_URL": frail_valkey.url,
            "WXLOGIN_DATABASE_URL": f"sqlite:///{tmp_path / 'wxlogin.sqlite3'}",
            "WXLOGIN_WX_APPID": APPID,
            "WXLOGIN_WX_SECRET": SECRET,
            "WXLOGIN_WX_API_BASE": sandbox.base,
            "WXLOGIN_WX_TIMEOUT": "2,30",
            "WXLOGIN_WX_CONCURRENCY": str(WAITING),
            "WXLOGIN_RISK_RANK": "off",  # it would fetch the access_token at the first login
            "WXLOGIN_LIMIT_API_OPENID": "10000/minute",
        },
    )
    gunicorn.start()
    yield gunicorn
    gunicorn.stop()


class Client:
    """One user's client on a connection that it keeps."""

    def __init__(self, gunicorn: Gunicorn, sandbox: SandboxServer, user: str) -> None:
        self._base = gunicorn.address.url
        self._code = sandbox.world.login_code(user)
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def login(self) -> int:
        """Log in with the code at hand; the status."""
        answer = self._http.post(f"{self._base}/v1/login", json={"code": self._code}, timeout=60)
        if answer.ok:
            self._http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return answer.status_code

    def check(self) -> int:
        """Let WeChat be asked about the session_key; the status."""
        return self._http.post(f"{self._base}/v1/session/check", timeout=60).status_code

    def fifty_calls(self) -> list[int]:
        """Authenticated calls, one after the other: the status of each."""
        return [self.call() for _ in range(50)]

    def call(self) -> int:
        """Make one authenticated call; the status."""
        return self._http.get(f"{self._base}/v1/session", timeout=60).status_code


@pytest.fixture
def readers(gunicorn: Gunicorn, sandbox: SandboxServer) -> Iterator[list[Client]]:
    """Eight users who are signed in."""
    with ExitStack() as stack:
        readers = [stack.enter_context(Client(gunicorn, sandbox, f"reader{n}")) for n in range(8)]
        assert [reader.login() for reader in readers] == [200] * 8
        yield readers


@pytest.fixture
def crowd(gunicorn: Gunicorn, sandbox: SandboxServer) -> Iterator[list[Client]]:
    """Eighty users who have a code."""
    with ExitStack() as stack:
        yield [stack.enter_context(Client(gunicorn, sandbox, f"comer{n}")) for n in range(WAITING)]


def assert_served(readers: list[Client]) -> None:
    """Let each make fifty calls, all at the same time; WeChat answers nobody meanwhile."""
    answers = together([lambda reader=reader: reader.fifty_calls() for reader in readers])
    assert {status for asked in answers for status in asked} == {200}


def test_eighty_logins_that_hang_at_wechat_do_not_slow_who_is_signed_in(
    sandbox: SandboxServer, readers: list[Client], crowd: list[Client]
) -> None:
    with ThreadPoolExecutor(WAITING) as pool:
        with sandbox.faults.hold(LOGIN) as hold:
            logins = [pool.submit(comer.login) for comer in crowd]
            assert all(hold.arrived() for _ in crowd)
            assert_served(readers)
            assert not any(login.done() for login in logins)
        assert {login.result() for login in logins} == {200}


def test_eighty_who_wait_for_an_access_token_do_not_slow_who_is_signed_in(
    sandbox: SandboxServer, readers: list[Client], crowd: list[Client]
) -> None:
    assert set(together([comer.login for comer in crowd])) == {200}
    with ThreadPoolExecutor(WAITING) as pool:
        with sandbox.faults.hold(TOKEN) as hold:
            checks = [pool.submit(comer.check) for comer in crowd]
            assert hold.arrived()
            assert readers[0].call() == 200
            assert not all(check.done() for check in checks)
            assert_served(readers)
        assert {check.result() for check in checks} <= {200, 503}
        assert sandbox.world.calls[TOKEN] < WAITING / 2
