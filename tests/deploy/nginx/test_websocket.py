"""WebSockets of the backend's: judged at the handshake, then passed on as they are."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.deploy.nginx import websocket
from tests.deploy.nginx.raw_client import sent
from tests.harness.nginx import Backend, Nginx, bearer
from tests.harness.phone import Phone
from tests.harness.raw_server import RawServer
from tests.harness.site import Site


@pytest.fixture
def echo() -> Iterator[RawServer]:
    """A backend that echoes over WebSocket."""
    server = RawServer(lambda connection: websocket.echo(connection, server.requests[-1]))
    with server:
        yield server


@pytest.fixture
def talking(site: Site, make_nginx: Callable[..., Nginx], direct: str, echo: RawServer) -> Phone:
    """A phone that is signed in, in front of it."""
    make_nginx(direct, behind=echo.base)
    phone = Phone(site)
    phone.login()
    return phone


def shaken(
    site: Site, token: str
) -> tuple[http.client.HTTPSConnection, http.client.HTTPResponse, str]:
    """A connection on which a WebSocket was asked for, the answer, and the client's key."""
    key = websocket.new_key()
    context = ssl.create_default_context(cafile=str(site.verify))
    place = site.base.removeprefix("https://")
    connection = http.client.HTTPSConnection(place, timeout=30, context=context)
    connection.request("GET", "/chat?room=1", headers={**websocket.upgrading(key), **bearer(token)})
    return connection, connection.getresponse(), key


def test_texts_go_both_ways_with_a_live_session(talking: Phone, echo: RawServer) -> None:
    connection, answer, key = shaken(talking.site, talking.token)
    with closing(connection):
        assert answer.status == 101
        assert answer.headers["Sec-WebSocket-Accept"] == websocket.accepted(key)
        for text in (b"hello", b"x" * 100):
            connection.sock.sendall(websocket.frame(text))
            assert websocket.received(connection.sock) == text
    (request,) = echo.requests
    assert request.startswith(b"GET /chat?room=1 HTTP/1.1")
    assert f"X-Wxlogin-User: {talking.user_id}".encode() in request
    assert talking.token.encode() not in request


def test_no_session_no_handshake(talking: Phone, echo: RawServer) -> None:
    talking.logout()
    connection, answer, _ = shaken(talking.site, talking.token)
    with closing(connection):
        assert (answer.status, answer.headers["X-Wxlogin-Error"]) == (401, "SESSION_REVOKED")
    assert echo.requests == []


@pytest.mark.parametrize("protocol", ["h2c", "websocket, h2c", "h2c, websocket", "TLS/1.2"])
def test_no_other_upgrade_reaches_the_backend(
    site: Site, phone: Phone, backend: Backend, protocol: str
) -> None:
    headers = {
        "Upgrade": protocol,
        "Connection": "Upgrade, HTTP2-Settings",
        "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
        **bearer(phone.token),
    }
    assert sent(site, "GET", "/orders", headers.items()).status == 200
    (got,) = backend.got
    assert not re.search(
        "upgrade", str(list(got.headers)) + got.headers.get("Connection", ""), re.I
    )


def test_an_ordinary_call_keeps_its_connection_ordinary(phone: Phone, backend: Backend) -> None:
    assert phone.ask("GET", "/orders", headers={"Connection": "Upgrade"}).ok
    assert not {"Connection", "Upgrade"} & set(backend.got[0].headers)
