"""Answers to plain requests, as they go over the wire."""

from __future__ import annotations

import pytest

from wxlogin.serving.answer import Answer

LENGTH = ("Content-Length", "5")


class Wire:
    """Stands for a socket that takes so many bytes at a time, and keeps what it is given."""

    def __init__(self, most: int = 1 << 20) -> None:
        self.sends: list[bytes] = []
        self._most = most

    def send(self, data: bytes) -> int:
        self.sends.append(data[: self._most])
        return len(self.sends[-1])

    def sendall(self, data: bytes) -> None:
        self.sends.append(data)

    @property
    def text(self) -> str:
        return b"".join(self.sends).decode("latin-1")


def answered(
    wire: Wire,
    *parts: bytes,
    status: str = "200 OK",
    headers: tuple[tuple[str, str], ...] = (),
    method: str = "GET",
    is_last: bool = False,
) -> str:
    """What is sent for these."""
    answer = Answer(wire, method, is_last=is_last)  # type: ignore[arg-type]
    answer.start(status, list(headers))
    answer.send_all(parts)
    return wire.text


@pytest.fixture
def wire() -> Wire:
    """A wire that takes all at once."""
    return Wire()


def test_head_and_body_leave_together(wire: Wire) -> None:
    said = answered(wire, b"hello", headers=(LENGTH, ("X-A", "b")))
    head, body = said.split("\r\n\r\n")
    status, *lines = head.split("\r\n")
    assert (status, body, len(wire.sends)) == ("HTTP/1.1 200 OK", "hello", 1)
    assert lines[:2] == ["Content-Length: 5", "X-A: b"]
    assert [line.partition(":")[0] for line in lines[2:]] == ["Date", "Connection"]


def test_what_the_system_does_not_take_at_once_follows() -> None:
    whole = answered(Wire(), b"hello", headers=(LENGTH,))
    assert answered(Wire(3), b"hello", headers=(LENGTH,)) == whole


def test_no_body_is_sent_where_none_may_be(wire: Wire) -> None:
    for status, method in (
        ("204 NO CONTENT", "GET"),
        ("304 NOT MODIFIED", "GET"),
        ("200 OK", "HEAD"),
    ):
        said = answered(Wire(), b"hello", status=status, headers=(LENGTH,), method=method)
        assert said.endswith("\r\n\r\n")


def test_a_body_of_unknown_length_comes_in_chunks(wire: Wire) -> None:
    said = answered(wire, b"", b"hello", b"!")
    head, _, body = said.partition("\r\n\r\n")
    assert "Transfer-Encoding: chunked" in head
    assert body == "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"


def test_no_more_is_sent_than_was_announced(wire: Wire) -> None:
    assert answered(wire, b"hel", b"lo, next answer", b"!", headers=(LENGTH,)).endswith(
        "\r\n\r\nhello"
    )


@pytest.mark.parametrize(("is_last", "said"), [(True, "close"), (False, "keep-alive")])
def test_the_caller_is_told_whether_the_connection_ends(
    wire: Wire, said: str, *, is_last: bool
) -> None:
    assert f"\r\nConnection: {said}\r\n" in answered(wire, is_last=is_last, headers=(LENGTH,))


@pytest.mark.parametrize("header", [("X-A", "a\r\nX-B: b"), ("X-A", "\u4e2d"), ("X A", "b")])
def test_no_header_splits_an_answer(wire: Wire, header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="header"):
        answered(wire, headers=(header,))
    assert wire.sends == []


@pytest.mark.parametrize("name", ["Connection", "Date", "Server", "transfer-encoding"])
def test_what_the_server_sets_is_not_the_app_s_to_set(wire: Wire, name: str) -> None:
    assert b"of-the-app" not in answered(wire, headers=(LENGTH, (name, "of-the-app"))).encode()


def test_a_second_start_needs_a_fault_and_nothing_sent(wire: Wire) -> None:
    answer = Answer(wire, "GET", is_last=False)  # type: ignore[arg-type]
    answer.start("200 OK", [LENGTH])
    with pytest.raises(AssertionError):
        answer.start("500 NO", [])
    fault = ValueError("of the app")
    answer.start("500 NO", [LENGTH], (ValueError, fault, fault.__traceback__))  # type: ignore[arg-type]
    answer.send_all([b"hello"])
    assert wire.text.startswith("HTTP/1.1 500 NO\r\n")
    with pytest.raises(ValueError, match="of the app"):
        answer.start("500 NO", [], (ValueError, fault, fault.__traceback__))  # type: ignore[arg-type]
