"""Log lines: one a request, whole, of one form, without a secret."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import pytest
import requests
import structlog

import config
from config import ROOT
from tests.harness.leaks import run_log
from tests.harness.phone import Phone
from tests.harness.site import APPID, SECRET, Site
from wxlogin.development.valkey import ValkeyServer
from wxlogin.logs.structured import bind_logs, line_formatter

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OPENID = "o16wA0b4AZKzgVJR3MBwoUdTfU_E"
SESSION_KEY = "a+/WEygStjuLCnZ9IN2l4Q=="
CODE = "033NN2l22Y2H9Y0VeTl22NX0l22NN2lt"
FORGED = '{"level": "error", "event": "forged"}'


class Written:
    """What the root logger's handler writes: one that was there when the app came."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def requests(self) -> list[dict[str, Any]]:
        """The access lines."""
        return [line for line in self.all() if line["event"] == "request"]

    def all(self) -> list[dict[str, Any]]:
        """Every line; each is one JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    """The lines of this test, as they are written; asked for before the site."""
    found = Written()
    logging.getLogger().addHandler(found.handler)
    yield found
    logging.getLogger().removeHandler(found.handler)


@pytest.fixture
def site(written: Written, make_site: Callable[..., Site]) -> Site:
    """A running server whose lines are kept."""
    return make_site()


# What stands in a line


def test_a_request_leaves_one_line(site: Site, written: Written) -> None:
    site.request("GET", "/v1/session?x=1", headers={"X-Request-Id": "of-this-test"})
    (line,) = written.requests()
    assert ISO.fullmatch(line.pop("time"))
    assert line.pop("ms") >= 0
    assert line == {
        "level": "info",
        "logger": "wxlogin.guard.access_log",
        "event": "request",
        "request_id": "of-this-test",
        "method": "GET",
        "path": "/v1/session",
        "status": 401,
        "address": "127.0.0.1",
    }


def test_probes_leave_none(site: Site, written: Written) -> None:
    site.request("GET", "/healthz")
    site.request("GET", "/readyz")
    assert written.requests() == []


def test_a_user_stands_as_the_public_id(phone: Phone, written: Written) -> None:
    phone.login()
    phone.ask("GET", "/v1/session")
    phone.site.request("GET", "/v1/session", headers={"Authorization": "Bearer wxs_forged"})
    assert [line.get("user") for line in written.requests()] == [phone.user_id] * 2 + [None]


@pytest.mark.parametrize("path", ["/v1/session", "/v1/auth"])
def test_what_one_request_knows_ends_with_it(phone: Phone, written: Written, path: str) -> None:
    phone.login()
    with phone.site.app.test_client() as client:  # one thread, as a worker has
        client.get(path, headers={"Authorization": f"Bearer {phone.token}"})
        client.get("/v1/session")
    logging.getLogger("wxlogin").warning("between")
    *_, known, unknown, between = written.all()
    assert known["user"] == phone.user_id
    assert "user" not in unknown
    assert unknown["request_id"] != known["request_id"]
    assert not {"user", "request_id"} & set(between)


def test_lines_of_the_standard_library_look_the_same(site: Site, written: Written) -> None:
    site.app.add_url_rule(
        "/x", "x", lambda: str(logging.getLogger("lib").warning("%s: %d", "a", 1))
    )
    site.request("GET", "/x", headers={"X-Request-Id": "of-this-test"})
    (line,) = [line for line in written.all() if line["logger"] == "lib"]
    assert (line["event"], line["level"], line["request_id"]) == ("a: 1", "warning", "of-this-test")


def test_the_path_is_cut(site: Site, written: Written) -> None:
    site.request("GET", "/" + "x" * 3000)
    assert len(written.requests()[0]["path"]) == 200


# No line is forged


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2K\x1b[1A"])
@pytest.mark.parametrize("env", ["testing", "development"])
def test_a_path_cannot_forge_a_line(
    written: Written, make_site: Callable[..., Site], end: str, env: str
) -> None:
    site = make_site(WXLOGIN_ENV=env)
    site.request("GET", f"/v1/{quote(end + FORGED)}")
    assert len(written.text.splitlines()) == 1
    assert end not in written.text.removesuffix("\n")


@pytest.mark.parametrize("env", ["testing", "development"])
def test_a_header_cannot_forge_a_line(
    written: Written, make_site: Callable[..., Site], env: str
) -> None:
    site = make_site(WXLOGIN_ENV=env)
    forged = f"X-Request-Id: a\x85{FORGED}".encode("latin-1")
    head = b"GET /v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(site.base).port or 0), 10) as connection:
        connection.sendall(head + forged + b"\r\n\r\n")
        assert b" 401 " in connection.recv(4096)
    assert len(written.text.splitlines()) == 1
    assert "forged" not in written.text


def test_a_traceback_cannot_forge_a_line_where_people_read() -> None:
    record = logging.makeLogRecord({"msg": "failed", "name": "x", "levelname": "ERROR"})
    record.exc_info = (ValueError, ValueError(f"a\n{FORGED}\r{FORGED}"), None)
    head, *rest = line_formatter(readable=True).format(record).splitlines()
    assert head.endswith(" error    x: failed")
    assert rest == ["    ValueError: a", f"    {FORGED}\\r{FORGED}"]


# No secret is told


def test_a_fault_is_told_without_the_secrets_that_it_holds(site: Site, written: Written) -> None:
    appsecret = secrets.token_hex(16)
    run_log.use([OPENID, SESSION_KEY, CODE, appsecret])

    def fail() -> NoReturn:
        cause = OSError(f"https://api.weixin.qq.com/sns?secret={appsecret}&js_code={CODE}")
        raise ValueError(f"{OPENID}\n{SESSION_KEY} {quote(SESSION_KEY)}") from cause

    site.app.add_url_rule("/fail", "fail", fail)
    answer = site.request("GET", "/fail", headers={"X-Request-Id": "of-this-test"})
    assert site.problem(answer) == "INTERNAL"
    (fault,) = [line for line in written.all() if "exception" in line]
    assert (fault["logger"], fault["request_id"]) == ("wxlogin.responses", "of-this-test")
    assert "?secret=[AppSecret]&js_code=[code]" in fault["exception"]
    assert "ValueError: [openid]\n[session_key] [session_key]" in fault["exception"]
    for secret in (OPENID, SESSION_KEY, quote(SESSION_KEY), CODE, appsecret):
        assert secret not in written.text


@pytest.mark.parametrize("secret", [OPENID, SESSION_KEY, CODE, "13800001111"])
def test_a_secret_in_a_path_is_not_told(site: Site, written: Written, secret: str) -> None:
    site.request("GET", f"/v1/sessions/{quote(secret, safe='')}")
    (line,) = written.requests()
    assert secret not in written.text
    assert line["path"].startswith("/v1/sessions/[")


def test_a_proxy_s_request_id_may_look_like_a_secret(site: Site, written: Written) -> None:
    given = secrets.token_hex(16)
    site.request("GET", "/v1/session", headers={"X-Request-Id": given})
    assert written.requests()[0]["request_id"] == given


@pytest.mark.parametrize("given", [OPENID, "13800001111" + "a" * 21, "ab.138-0000-1111"])
def test_a_request_id_that_is_a_secret_is_not_told(
    site: Site, written: Written, given: str
) -> None:
    site.request("GET", "/v1/session", headers={"X-Request-Id": given})
    assert given not in written.text
    assert "[" in written.requests()[0]["request_id"]


# Logging never fails a request


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize(("message", "args"), [("%d", ("x",)), ("%s", (Unprintable(),))])
def test_a_line_that_cannot_be_rendered_says_where_it_came_from(
    readable: bool, message: str, args: tuple[object, ...]
) -> None:
    record = logging.makeLogRecord({"msg": message, "args": args, "name": "lib"})
    line = line_formatter(readable=readable).format(record)
    assert "lib" in line
    assert "a log line cannot be rendered: " in line


def test_a_value_that_cannot_be_rendered_raises_nothing(tmp_path: Path, written: Written) -> None:
    environ = {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}
    bind_logs(config.load(environ, instance=tmp_path))
    structlog.get_logger("lib").warning("event %d", "x")
    structlog.get_logger("lib").warning("event", thing=Unprintable())
    assert [line["logger"] for line in written.all()] == ["lib", "lib"]


def test_a_long_value_is_cut_and_no_half_of_a_secret_is_left() -> None:
    record = logging.makeLogRecord({"msg": f"{OPENID} " + "x" * 16_370})
    line = json.loads(line_formatter(readable=False).format(record))
    assert len(line["event"]) <= 16_384
    assert OPENID[20:] not in line["event"]


# Under gunicorn


def test_gunicorn_without_our_configuration_writes_the_same_lines(
    valkey: ValkeyServer, migrated: Path, tmp_path: Path
) -> None:
    database = tmp_path / "wxlogin.sqlite3"
    shutil.copy(migrated, database)
    said = served(
        f"/v1/nowhere?access_token={secrets.token_hex(8)}&who={OPENID}",
        WXLOGIN_ENV="testing",
        WXLOGIN_REDIS_URL=valkey.url,
        WXLOGIN_DATABASE_URL=f"sqlite:///{database}",
        WXLOGIN_WX_APPID=APPID,
        WXLOGIN_WX_SECRET=SECRET,
    )
    run_log.use([OPENID, SECRET])
    run_log.hear(said, "gunicorn of tests/api/test_logs.py")
    lines = [json.loads(line) for line in re.findall(r"^\{.*", said, re.M)]

    def events(logger: str) -> str:
        return "\n".join(line["event"] for line in lines if line["logger"] == logger)

    assert [line["path"] for line in lines if "path" in line] == ["/v1/nowhere"]
    assert "access_token=[access_token]&who=[openid]" in events("gunicorn.access")
    assert "Worker exiting" in events("gunicorn.error")
    assert OPENID not in said


def served(target: str, **settings: str) -> str:
    """All that gunicorn says of one request, plainly started, logging its own access lines too."""
    command = ["gunicorn", "--bind", "127.0.0.1:0", "--access-logfile", "-", "--no-control-socket"]
    command.append("wsgi:app")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("WXLOGIN_")}
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**inherited, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        try:
            while not (listening := re.search(r"Listening at: (\S+)", said)):
                said += process.stdout.readline()
            assert requests.get(listening[1] + target, timeout=30).status_code == 404
        finally:
            process.terminate()
            said += process.stdout.read()
    return said
