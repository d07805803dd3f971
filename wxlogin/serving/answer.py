"""Answers to plain requests: the head leaves together with the first bytes of the body."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType

from gunicorn.http.message import TOKEN_RE
from gunicorn.util import http_date, is_hoppish

Headers = list[tuple[str, str]]
Fault = tuple[type[BaseException], BaseException, TracebackType]

# What gunicorn lets into a header: text without a control character.
FORBIDDEN = re.compile(r"[^\t -~\x80-\xff]")


class Answer:
    """The answer to one request, as WSGI's `start_response` begins it."""

    def __init__(self, sock: socket.socket, method: str, *, is_last: bool) -> None:
        """`is_last` tells the caller that the connection ends with this answer."""
        self.is_sent = False
        """Whether a byte of it has left."""
        self._sock = sock
        self._method = method
        self._is_last = is_last
        self._head = ""
        self._left = 0
        self._is_chunked = False

    def start(self, status: str, headers: Headers, fault: Fault | None = None) -> None:
        """Take status and headers; a second time only with the fault that made the first wrong."""
        if fault and self.is_sent:
            raise fault[1].with_traceback(fault[2])
        if self._head and not fault:
            raise AssertionError("the answer is started already")
        lines = [f"{own}: {value}" for name, value in headers if (own := _name_of_app(name))]
        visible = "".join([status, *lines])
        # Most are printable ASCII, which is known sooner.
        if not (visible.isascii() and visible.isprintable()) and FORBIDDEN.search(visible):
            raise ValueError("a header of the answer has a control character")
        text = "\r\n".join([status, *lines])
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        has_body = self._method != "HEAD" and status[:3] not in ("204", "304")
        self._left = sum(lengths) if has_body else 0
        self._is_chunked = has_body and not lengths
        chunked = "\r\nTransfer-Encoding: chunked" if self._is_chunked else ""
        self._head = f"HTTP/1.1 {text}\r\n{_own(int(time.time()), self._is_last)}{chunked}\r\n\r\n"

    def send_all(self, body: Iterable[bytes]) -> None:
        """Send the body, if there is to be one, each part as it comes; with the first the head.

        What is more than the length that was announced would be read as the next answer.
        """
        for part in body:
            if part and self._is_chunked:
                self._emit(b"%X\r\n%b\r\n" % (len(part), part))
            elif part and self._left:
                self._emit(part[: self._left])
                self._left -= min(self._left, len(part))
        if self._is_chunked:
            self._emit(b"0\r\n\r\n")
        elif not self.is_sent:
            self._emit(b"")

    def _emit(self, data: bytes) -> None:
        if not self.is_sent:
            data = self._head.encode("latin-1") + data
            self.is_sent = True
        # `sendall` would first ask the system how large its buffer is.
        sent = self._sock.send(data)
        if sent < len(data):
            self._sock.sendall(data[sent:])


@lru_cache(256)
def _name_of_app(name: str) -> str:
    """Return the name of a header; empty for one that the server sets, such as Date.

    ValueError for what is no name.
    """
    if not TOKEN_RE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a header")
    return "" if is_hoppish(name) else name


@lru_cache(4)
def _own(now: int, is_last: bool) -> str:
    """Return the headers that the server adds, at a second of Unix time."""
    return f"Date: {http_date(now)}\r\nConnection: {'close' if is_last else 'keep-alive'}"
