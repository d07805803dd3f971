"""What a receiver of webhooks may answer with: so much, and in so much time."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from urllib3.util.connection import create_connection

from tests.harness.raw_server import RawServer, reply
from wxlogin.outbox import sender
from wxlogin.outbox.errors import SendFailed
from wxlogin.outbox.sender import Answer, Sender

SLOWLY = 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


def post(url: str) -> Answer:
    """Post an event."""
    return Sender(unrestricted=True).post(f"{url}/events", b"{}", {})


def test_of_an_answer_64_kib_are_read() -> None:
    with RawServer(reply(b"x" * 1_000_000)) as receiver:
        assert post(receiver.base) == Answer(200, b"x" * 65_536)


def test_connecting_sending_and_the_answer_have_ten_seconds_in_all() -> None:
    limits = sender._limits().clone()
    assert limits.total == sender.TOTAL_SECONDS == 10
    assert limits.connect_timeout == sender.CONNECT_SECONDS
    # Connecting, and the head and the body of the request, have the shorter limit each.
    assert limits.total > 3 * sender.CONNECT_SECONDS


def drip(connection: socket.socket, stopping: threading.Event) -> None:
    """Answer byte by byte without an end."""
    connection.sendall(HEAD)
    while not stopping.wait(SLOWLY):
        connection.sendall(b"x")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can wait for."""
    monkeypatch.setattr(sender, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(sender, "TOTAL_SECONDS", 1.0)


@pytest.mark.usefixtures("short")
def test_an_answer_that_comes_byte_by_byte_is_not_waited_for() -> None:
    served = RawServer(lambda one: drip(one, served.stopping))
    with served, pytest.raises(SendFailed):
        post(served.base)


@pytest.mark.usefixtures("short")
def test_all_addresses_of_a_name_share_the_time_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are dead and one that drips; the clock goes as long as each is waited for."""
    now, tried = [1000.0], []
    connect = create_connection
    addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]

    def dead_but_the_last(
        address: tuple[str, int], timeout: float, **options: Any
    ) -> socket.socket:
        tried.append((address[0], timeout))
        if address[0] == addresses[-1]:
            return connect(address, timeout, **options)
        now[0] += timeout
        raise TimeoutError

    monkeypatch.setattr(sender, "monotonic", lambda: now[0])
    monkeypatch.setattr(sender, "resolve", lambda _host, _port: addresses)
    monkeypatch.setattr(sender, "create_connection", dead_but_the_last)
    served = RawServer(lambda one: drip(one, served.stopping))
    with served, pytest.raises(SendFailed):
        post(served.base)
    assert [address for address, _ in tried] == addresses
    assert sum(timeout for _, timeout in tried) == pytest.approx(sender.CONNECT_SECONDS)


@pytest.mark.usefixtures("short")
def test_a_name_that_is_not_resolved_in_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, over = threading.Event(), threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        asked.set()
        over.wait(30)
        return ["127.0.0.1"]

    monkeypatch.setattr(sender, "resolve", hang)
    try:
        with pytest.raises(SendFailed, match="ConnectionError"):
            post("http://hooks.example")
        assert asked.is_set()
        assert not over.is_set()
    finally:
        over.set()
