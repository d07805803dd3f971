"""wxlogin answering in this process, without a server, and what a request costs it."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import EnvironBuilder

import config
from bench.contestants import Wxlogin
from wxlogin.app import create_app

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
