"""Under gunicorn a call that is answered in front of Flask leaves one line, as any other does."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.deploy.harness.gunicorn_master import Master
from tests.harness.crowd import together
from tests.harness.gunicorn_server import environment
from tests.harness.phone import Phone
from tests.harness.site import Site

USERS, CALLS = 24, 8
# The loop never has a moment for the lines.
NEVER = """
from wxlogin.guard.access_log import access_lines
begin = post_worker_init
def post_worker_init(worker):
    begin(worker)
    access_lines.write_by(lambda call: None)
"""


def _call(master: Master, phone: Phone, name: str) -> None:
    """Call on one connection, again and again, each call under an id of its own."""
    with requests.Session() as http:
        for number in range(CALLS):
            path = "/v1/auth" if number % 2 else "/v1/session"
            own = {"Authorization": f"Bearer {phone.token}", "X-Request-Id": f"{name}-{number}"}
            assert http.get(master.url + path, headers=own, timeout=30).ok


def _lines(master: Master) -> list[dict[str, Any]]:
    """The access lines of calls that were given an id."""
    lines = [json.loads(line) for line in master.said().splitlines() if line.startswith("{")]
    return [line for line in lines if str(line.get("request_id", "")).startswith("call-")]


def test_of_calls_at_once_each_has_one_line_with_its_own_user(site: Site, tmp_path: Path) -> None:
    phones = [Phone(site, f"user-{n}") for n in range(USERS)]
    for phone in phones:
        phone.login()
    with Master(environment(site), tmp_path / "log") as master:
        together([partial(_call, master, one, f"call-{n}") for n, one in enumerate(phones)])
        assert master.stop() == 0
        said = [(line["request_id"], line["user"]) for line in _lines(master)]
    due = [(f"call-{n}-{m}", one.user_id) for n, one in enumerate(phones) for m in range(CALLS)]
    assert sorted(said) == sorted(due)


def test_lines_that_wait_as_a_worker_is_stopped_are_written(
    site: Site, phone: Phone, tmp_path: Path, own: Path
) -> None:
    phone.login()
    own.write_text(own.read_text() + NEVER)
    with Master(environment(site), tmp_path / "log", configuration=own) as master:
        _call(master, phone, "call")
        assert _lines(master) == []
        assert master.stop() == 0
        assert len(_lines(master)) == CALLS
