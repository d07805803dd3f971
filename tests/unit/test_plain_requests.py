"""Plain requests: read as gunicorn reads them, byte for byte, and nothing else is taken for one."""

from __future__ import annotations

import string
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from gunicorn.http.wsgi import create
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.serving.plain_request import Environ, PlainReader, needs_no_more

PEER = ("192.0.2.7", 4711)
SERVER = ("127.0.0.1", 8000)
HOST = b"Host: a.example\r\n"


def configured(**settings: Any) -> Config:
    """Gunicorn's settings, as deploy/gunicorn.conf.py has them."""
    cfg = Config()
    own = {"header_map": "drop", "secure_scheme_headers": {}, "forwarded_allow_ips": ""}
    limits = {"limit_request_line": 4094, "limit_request_fields": 80, "keepalive": 75}
    for name, value in {**own, **limits, **settings}.items():
        cfg.set(name, value)
    return cfg


CFG = configured()
READER = PlainReader(CFG)


def by_gunicorn(raw: bytes) -> Environ:
    """The environ that gunicorn makes of these bytes."""
    request = Request(CFG, IterUnreader([raw]), PEER, 1)
    environ: Environ = create(request, None, PEER, SERVER, CFG)[1]
    return environ


visible = "".join(map(chr, range(0x21, 0x7F)))
methods = st.sampled_from(["GET", "HEAD", "DELETE", "OPTIONS", "POST", "get", "G", "CONNECT"])
targets = st.one_of(
    st.text(visible, max_size=30).map(lambda text: f"/{text}"),
    st.text(visible, max_size=12),
    st.sampled_from(["/v1/auth", "/a%2Fb%ff?x=%20#y", "//a/b", "*", "http://a/b", "/?", "/;a:b"]),
)
judged = ("Content-Length", "Content-Type", "Transfer-Encoding", "Expect", "Upgrade", "Te")
others = ("Host", "Host ", "Authorization", "X-Forwarded-For", "X_Forwarded-For", "Connection")
names = st.one_of(
    st.sampled_from([*judged, *others]),
    st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=9),
)
values = st.one_of(
    st.sampled_from(["", "close", "keep-alive", "chunked", "0", "5", "100-continue", "a\tb"]),
    st.text(visible + " \t\x7f\x80\xff\x00\n\r", max_size=20),
)
headers = st.lists(st.tuples(names, st.sampled_from([":", ": ", ":  "]), values), max_size=5)


@given(methods, targets, st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0"]), headers, st.data())
def test_what_is_plain_is_read_as_gunicorn_reads_it(
    method: str, target: str, version: str, given: list[tuple[str, ...]], data: st.DataObject
) -> None:
    lines = [f"{method} {target} {version}", *("".join(header) for header in given)]
    raw = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if found := READER.read(raw):
        expected = by_gunicorn(raw)
        environ, rest = found
        own = {name: text for name, text in environ.items() if name != "wsgi.input"}
        own.update({} if "HTTP_CONNECTION" not in expected else {"HTTP_CONNECTION": "keep-alive"})
        ours = {name for name in expected if name.startswith(("HTTP_", "CONTENT_"))} | own.keys()
        assert own == {name: expected[name] for name in ours}
        assert environ["wsgi.input"].read() == rest == b""


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /v1/auth HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"HEAD /a%20b?c=%2F HTTP/1.1\r\n" + HOST + b"Connection: keep-alive\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n\r\n",
        b"DELETE /v1/session HTTP/1.1\r\n" + HOST + b"Authorization:Bearer  wxs_a \r\n\r\n",
    ],
)
def test_ordinary_requests_are_plain(raw: bytes) -> None:
    assert READER.read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"POST /v1/login HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}",
        b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\nX: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"Authorization: \xff\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 5000 + b"\r\n\r\n",
        b"GET http://a.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /a#b HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.0\r\n" + HOST + b"\r\n",
    ],
)
def test_what_gunicorn_has_to_judge_is_not_plain(raw: bytes) -> None:
    assert READER.read(raw) is None


def test_what_follows_a_plain_request_is_left() -> None:
    found = READER.read(b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nPOST /c HTTP/1.1\r\n")
    assert found
    environ, rest = found
    assert environ["RAW_URI"] == "/a"
    assert rest == b"GET /b HTTP/1.1\r\n\r\nPOST /c HTTP/1.1\r\n"


def test_a_head_that_is_not_whole_is_left_to_gunicorn() -> None:
    assert READER.read(b"GET /a HTTP/1.1\r\nHost: a") is None


@pytest.mark.parametrize(
    "settings",
    [
        {"accesslog": "-"},
        {"pre_request": lambda _worker, _request: None},
        {"proxy_protocol": "v1"},
        {"secure_scheme_headers": {"X-SSL": "on"}},
        {"statsd_host": "localhost:8125"},
        {"keepalive": 0},
    ],
)
def test_gunicorn_serves_all_where_more_is_set_up(settings: dict[str, Any]) -> None:
    assert needs_no_more(CFG)
    assert not needs_no_more(configured(**settings))
