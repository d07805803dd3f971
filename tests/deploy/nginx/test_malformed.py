"""Requests that are too much for nginx or gunicorn are refused as that, never as an outage."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

import pytest

from tests.deploy.nginx.raw_client import Told, sent
from tests.harness.gunicorn_server import under_gunicorn
from tests.harness.nginx import Backend, Nginx, bearer
from tests.harness.phone import Phone
from tests.harness.raw_server import RawServer, reply
from tests.harness.redis_process import free_port
from tests.harness.site import Site

# With Host and Authorization 64 headers of a caller's pass; more than 80 do not.
MANY = [(f"X-Header-{number}", "x") for number in range(90)]
LONG = "/v1/session?" + "x" * 4100


def raw(nginx: Nginx, request: bytes) -> bytes:
    """All that nginx answers to these bytes."""
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    place = ("127.0.0.1", nginx.port)
    with (
        socket.create_connection(place, timeout=30) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as secure,
    ):
        secure.sendall(request)
        got = b""
        while more := secure.recv(65536):
            got += more
        return got


def test_what_gunicorn_does_not_take_is_refused_as_the_caller_s_fault(
    site: Site, make_nginx: Callable[..., Nginx], backend: Backend
) -> None:
    with under_gunicorn(site, TRUSTED_HOPS="1", REQUIRE_HTTPS="on") as place:
        make_nginx(place.url)
        phone = Phone(site)
        phone.login()
        token = list(bearer(phone.token).items())
        large = [[("X-A", "x" * size)] for size in (8185, 9000)]
        for headers in (MANY, *large):
            to_wxlogin = sent(site, "GET", "/v1/session", [*token, *headers])
            assert to_wxlogin.status in (400, 431)
            assert "STORE_UNAVAILABLE" not in to_wxlogin.text
            if headers is MANY:
                assert to_wxlogin.text.startswith("<html>")
                assert "X-Wxlogin-Error" not in to_wxlogin.headers
            told = sent(site, "GET", "/orders", [*token, *headers])
            assert (told.status, told.document["code"]) == (431, "INVALID_REQUEST")
        assert backend.got == []
        for headers in (MANY[:62], [("X-A", "x" * 8150)]):
            for path in ("/v1/session", "/orders"):
                assert sent(site, "GET", path, [*token, *headers]).status == 200
        told = sent(site, "GET", LONG, token)
        assert (told.status, told.document["code"]) == (414, "INVALID_REQUEST")
        assert sent(site, "GET", LONG[:3990], token).status == 200
        assert sent(site, "GET", LONG.replace("/v1", "/a"), token).status == 200


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "INVALID_REQUEST"),
        (408, "STORE_UNAVAILABLE"),
        (413, "PAYLOAD_TOO_LARGE"),
        (414, "INVALID_REQUEST"),
        (431, "INVALID_REQUEST"),
        (403, "FORBIDDEN"),
        (404, "STORE_UNAVAILABLE"),
        (501, "STORE_UNAVAILABLE"),
        (302, "STORE_UNAVAILABLE"),
    ],
)
def test_what_the_gate_answers_without_a_problem_is_told_with_one(
    site: Site, make_nginx: Callable[..., Nginx], backend: Backend, status: int, code: str
) -> None:
    with RawServer(reply(b"<html>", f"{status} Said By Gunicorn")) as server:
        make_nginx(server.base)
        told = sent(site, "GET", "/orders")
    assert (told.status, told.document["code"]) == (503 if code[0] == "S" else status, code)
    assert backend.got == []


@pytest.mark.parametrize(
    ("request_line", "more", "status"),
    [
        (b"GET /%00?a=b HTTP/1.1", b"", 400),
        (b"garbage", b"", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1", b"", 414),
        (b"GET /v1/session HTTP/1.1", b"X-A: " + b"a" * 9000 + b"\r\n", 431),
        (b"GET /orders HTTP/1.1", b"X-A: b\r\nX-A:" + b"a" * 8000 + b"\r\n" * 8, 401),
        (b"POST /v1/login HTTP/1.1", b"Content-Length: x\r\n", 400),
        (b"POST /v1/login HTTP/1.1", b"Transfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ],
)
def test_what_is_hardly_http_is_refused_like_all_others(
    nginx: Nginx, request_line: bytes, more: bytes, status: int
) -> None:
    said = raw(nginx, request_line + b"\r\nHost: x\r\nConnection: close\r\n" + more + b"\r\n")
    head, _, text = said.decode().partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    told = Told(int(head.split()[1]), text, headers)
    assert (told.status, told.document["action"]) == (status, "relogin" if status == 401 else "fix")


def test_the_last_of_several_hosts_decides(
    site: Site, make_nginx: Callable[..., Nginx], direct: str, backend: Backend
) -> None:
    place = direct.removeprefix("http://")
    two = {f"server {place};": f"server 127.0.0.1:{free_port()}; server {place} backup;"}
    make_nginx(direct, two)
    told = sent(site, "GET", "/orders", bearer("wxs_forged").items())
    assert (told.status, told.document["code"]) == (401, "TOKEN_INVALID")
    phone = Phone(site)
    phone.login()
    assert phone.ask("GET", "/orders").status_code == 200


def test_a_location_that_a_team_closes_itself_is_closed(
    site: Site, make_nginx: Callable[..., Nginx], direct: str, backend: Backend
) -> None:
    own = "location /own/ { deny all; include wxlogin/protect.conf; proxy_pass http://backend; }"
    make_nginx(direct, {"    # Your backend: a request": f"{own}\n    # Your backend: a request"})
    told = sent(site, "GET", "/own/x")
    assert (told.status, told.document["code"]) == (403, "FORBIDDEN")
    assert backend.got == []
