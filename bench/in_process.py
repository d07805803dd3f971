"""wxlogin answering in this process, without a server, and what a request costs it."""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from gunicorn.config import Config
from gunicorn.glogging import Logger
from werkzeug.test import EnvironBuilder

import config
from bench.contestants import Wxlogin
from wxlogin.app import create_app
from wxlogin.serving import Worker

REPEATS = 24

Environ = dict[str, Any]


class Cost(NamedTuple):
    """Microseconds a request: by the clock on the wall, and of CPU in this process."""

    wall: float
    cpu: float


@contextmanager
def answering(redis_url: str, directory: Path) -> Iterator[tuple[Flask, str]]:
    """The app and somebody's `Authorization`. As under gunicorn, the log is written to a file."""
    wxlogin = Wxlogin(redis_url, directory)
    authorization = wxlogin.sign_in("")[0].partition(": ")[2]
    with (directory / "profile.log").open("w", encoding="utf-8") as log:
        handler = logging.StreamHandler(log)
        logging.getLogger().addHandler(handler)
        yield create_app(config.load(wxlogin.environment, instance=directory)), authorization
        logging.getLogger().removeHandler(handler)


def environ(path: str, authorization: str) -> Environ:
    """A request as it comes from a proxy."""
    headers = [
        ("Authorization", authorization),
        ("X-Forwarded-For", "192.0.2.7"),
        ("X-Forwarded-Proto", "https"),
    ]
    peer = {"REMOTE_ADDR": "127.0.0.1"}
    return EnvironBuilder(path=path, headers=headers, environ_base=peer).get_environ()


class Caller:
    """Stands for a connection over which one request comes so many times; each must succeed."""

    def __init__(self, path: str, authorization: str, requests: int) -> None:
        self._left = requests
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAuthorization: {authorization}\r\n"
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\r\n"
        ).encode()

    def recv(self, _most: int) -> bytes:
        """Return the next request; nothing at the end of the connection."""
        self._left -= 1
        return self._request if self._left >= 0 else b""

    def send(self, data: bytes) -> int:
        """Take an answer."""
        assert data.startswith(b"HTTP/1.1 2"), data
        return len(data)

    def getsockname(self) -> tuple[str, int]:
        """Return where the server listens, as its listener does."""
        return ("127.0.0.1", 8000)

    def gettimeout(self) -> None:
        """Return that it waits for ever."""

    def settimeout(self, _seconds: float | None) -> None:
        """Wait for ever still."""

    setblocking, close = settimeout, gettimeout


def worker_of(app: Flask) -> Worker:
    """A worker that serves in this process, set up as by deploy/gunicorn.conf.py."""
    cfg = Config()
    for name, value in {"keepalive": 75, "secure_scheme_headers": {}}.items():
        cfg.set(name, value)
    worker = Worker(1, os.getppid(), [], None, 30, cfg, Logger(cfg))
    worker.wsgi = app
    worker.prepare()
    return worker


def answer(app: Flask, given: Environ, requests: int) -> None:
    """Answer the same request so many times; each must succeed."""
    for _ in range(requests):
        said: list[str] = []
        body = app(
            {**given, "wsgi.input": io.BytesIO()},
            lambda status, _headers, _fault=None, said=said: said.append(status),
        )
        b"".join(body)
        getattr(body, "close", lambda: None)()
        assert said[0][0] == "2", said


def cheapest(app: Flask, given: Environ, requests: int) -> Cost:
    """The least of several runs: what others do on the machine only adds."""
    each = max(1, requests // REPEATS)
    answer(app, given, each)
    runs = [_timed(lambda: answer(app, given, each)) for _ in range(REPEATS)]
    return Cost(
        min(cost.wall for cost in runs) / each * 1e6, min(cost.cpu for cost in runs) / each * 1e6
    )


def _timed(run: Callable[[], None]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)
