"""Bytes that are no HTTP, or too much of it: refused or cut off, and never a 500."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.harness.gunicorn_server import under_gunicorn
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.development.address import Address

HOST = b"Host: a\r\n"
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /v1/login HTTP/1.1\r\n" + HOST + JSON
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "nothing": b"\r\n\r\n",
    "noise": bytes(range(256)) * 16 + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n\r\n",
    "no method": b" / HTTP/1.1\r\n\r\n",
    "an endless line": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "a huge header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 500 + b"\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\n: a\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    "no length": POST + b"Content-Length: -1\r\n\r\n{}",
    "a length that is no number": POST + b"Content-Length: many\r\n\r\n{}",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length and chunks": POST + b"Content-Length: 2\r\n" + CHUNKED + b"0\r\n\r\n",
    "a chunk of no size": POST + CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk without end": POST + CHUNKED + b"5\r\n{}",
    "a huge length": POST + b"Content-Length: 99999999999999\r\n\r\n{}",
    "an unknown encoding": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "a path that is no text": b"GET /v1/%ff%fe/\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path out of the tree": b"GET /docs/static/../../../../config.py HTTP/1.1\r\n"
    + HOST
    + b"\r\n",
    "a token that is no text": b"GET /v1/session HTTP/1.1\r\n"
    + HOST
    + b"Authorization: Bearer \xff\xfe\r\n\r\n",
    "a request id that splits": b"GET /x HTTP/1.1\r\n" + HOST + b"X-Request-Id: a\rb\r\n\r\n",
}


@pytest.fixture
def gunicorn(site: Site) -> Iterator[Address]:
    """Gunicorn on the site's stores."""
    with under_gunicorn(site) as address:
        yield address


CUT_OFF = {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}
"""What a server that closes in the midst of a request leaves of the connection."""


def answered(address: Address, raw: bytes) -> bytes:
    """What comes back for these bytes before the server closes, once no more are sent."""
    with socket.create_connection(address, timeout=20) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError as fault:
            if fault.errno not in CUT_OFF:
                raise
            return b""


def test_broken_http_is_never_answered_500(site: Site, phone: Phone, gunicorn: Address) -> None:
    answers = {name: answered(gunicorn, raw) for name, raw in BROKEN.items()}
    statuses = {name: answer[9:12] for name, answer in answers.items() if answer}
    assert {name: status for name, status in statuses.items() if status[:1] not in (b"4",)} == {}
    phone.login()
    headers = {"Authorization": f"Bearer {phone.token}"}
    assert requests.get(f"{gunicorn.url}/v1/session", headers=headers, timeout=10).ok


def test_bodies_that_never_end_hold_nobody_up(phone: Phone, gunicorn: Address) -> None:
    phone.login()
    headers = {"Authorization": f"Bearer {phone.token}"}
    with ExitStack() as stack:
        for _ in range(100):
            connection = socket.create_connection(gunicorn, timeout=10)
            stack.enter_context(connection)
            connection.sendall(POST + b"Content-Length: 1000\r\n\r\n{")
        for _ in range(20):
            answer = requests.get(f"{gunicorn.url}/v1/auth", headers=headers, timeout=5)
            assert answer.status_code == 204
