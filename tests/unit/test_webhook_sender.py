"""What a receiver of webhooks may answer with: so much, and in so much time."""

from __future__ import annotations

import socket

import pytest

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


def test_an_answer_has_ten_seconds_in_all() -> None:
    assert sum(sender.TIMEOUT) == 10


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "TIMEOUT", (0.5, 0.5))

    def drip(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        while not receiver.stopping.wait(SLOWLY):
            connection.sendall(b"x")

    with RawServer(drip) as receiver, pytest.raises(SendFailed):
        post(receiver.base)
