"""Under gunicorn a call that is answered in front of Flask leaves one line, as any other does."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.harness import forked
from tests.harness.gunicorn_server import ForkedGunicorn, environment
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.site import Site
from wxlogin.development.address import Address

CALLS = 150


class LoggedGunicorn(ForkedGunicorn):
    """Gunicorn that writes its log into a file."""

    log: Path

    def lines(self) -> list[dict[str, Any]]:
        """The access lines of calls under /v1/."""
        lines = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [line for line in lines if str(line.get("path", "")).startswith("/v1/")]

    def _launch(self) -> forked.ForkedProcess:  # type: ignore[override]
        with self.log.open("w") as log:
            return forked.start(
                self._command(),
                self._environment,
                files=(subprocess.DEVNULL, None, log),
                new_session=True,
                death_signal=signal.SIGTERM,
            )


@pytest.fixture
def gunicorn(site: Site, tmp_path: Path) -> Iterator[LoggedGunicorn]:
    """Gunicorn on the site's stores, started."""
    server = LoggedGunicorn(Address("127.0.0.1", free_port()), environment(site))
    server.log = tmp_path / "log"
    server.start()
    yield server
    server.stop()


def test_each_call_has_its_own_line_once_the_server_has_stopped(
    phone: Phone, gunicorn: LoggedGunicorn
) -> None:
    phone.login()
    ids = [f"call-{n}" for n in range(CALLS)]
    with requests.Session() as http:
        for number, own in enumerate(ids):
            path = "/v1/auth" if number % 2 else "/v1/session"
            headers = {"Authorization": f"Bearer {phone.token}", "X-Request-Id": own}
            assert http.get(gunicorn.address.url + path, headers=headers, timeout=10).ok
    gunicorn.stop()
    lines = gunicorn.lines()
    assert [line["request_id"] for line in lines] == ids
    assert {line["user"] for line in lines} == {phone.user_id}
    assert {(line["path"], line["status"]) for line in lines} == {
        ("/v1/auth", 204),
        ("/v1/session", 200),
    }
