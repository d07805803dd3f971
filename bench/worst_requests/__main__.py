"""What the worst request to each parser costs, within the sizes that gunicorn and wxlogin take.

    python -m bench.worst_requests               prints the table
    python -m bench.worst_requests --publish     puts it into docs/limits.md and its Chinese twin

wxlogin answers in this process, with a real Valkey. What gunicorn itself spends on reading a
request is not in it. The least of several runs is taken: what others do on the machine only adds.
"""

from __future__ import annotations

import argparse
import io
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

import config
from bench.contestants import LIMIT, Wxlogin
from bench.worst_requests.bodies import BODIES
from bench.worst_requests.case import Case, Who
from bench.worst_requests.forms import FORMS
from bench.worst_requests.heads import HEADER_CASES, TARGETS
from config import ROOT
from wxlogin.app import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.operators.api_tokens import Bounds
from wxlogin.operators.credentials import credentials_fingerprint
from wxlogin.operators.passwords import random_password

REPEATS = 7
BEGIN, END = "<!-- worst requests -->\n", "<!-- /worst requests -->"
PAGES = {"docs/limits.md": "en", "docs/limits.zh-CN.md": "zh"}
HEADS = {
    "en": ("Parser", "The worst request", "Who", "Request, bytes", "Answer", "Answer, bytes", "ms"),
    "zh": ("解析的内容", "最坏的请求", "谁能发", "请求字节数", "响应", "响应字节数", "毫秒"),
}
WIDE = ("LOGIN_IP", "FAIL_IP", "ADMIN_IP", "ADMIN_NAME", "ADMIN_NAME_WIDE", "API_TOKEN")

Environ = dict[str, Any]
Callers = dict[Who, dict[str, str]]
"""The headers by which each caller is known."""


@dataclass(frozen=True)
class Measured:
    """A case, what it was answered, and the milliseconds of CPU it took."""

    case: Case
    status: str
    answered: int
    milliseconds: float


def measure(redis_url: str, directory: Path) -> list[Measured]:
    """Answer each case a few times."""
    with _app(redis_url, directory) as app:
        callers = _callers(app, Wxlogin(redis_url, directory))
        return [
            _measured(app, case, callers[case.who])
            for case in (*BODIES, *FORMS, *TARGETS, *HEADER_CASES)
        ]


def table(rows: list[Measured], language: str) -> str:
    """Return the rows in Markdown, the dearest first."""
    lines = [
        HEADS[language],
        ("---", "---", "---", "---:", "---:", "---:", "---:"),
        *(_cells(row, language) for row in sorted(rows, key=lambda row: -row.milliseconds)),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def publish(rows: list[Measured]) -> None:
    """Put the table into the pages."""
    for name, language in PAGES.items():
        page = ROOT / name
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n{table(rows, language)}\n{END}{after}", "utf-8")


@contextmanager
def _app(redis_url: str, directory: Path) -> Iterator[Flask]:
    """The app, whose limits let every case through; its log is written to a file, as elsewhere."""
    limits = {f"WXLOGIN_LIMIT_{name}": LIMIT for name in WIDE}
    given = {**Wxlogin(redis_url, directory).environment, **limits}
    with (directory / "worst.log").open("w", encoding="utf-8") as log:
        handler = logging.StreamHandler(log)
        logging.getLogger().addHandler(handler)
        app = create_app(config.load(given, instance=directory))
        with app.app_context():
            db.create_all()
        yield app
        app.extensions["wxlogin"].limits.failures.stop()
        app.extensions["wxlogin"].watch.recorder.stop()
        logging.getLogger().removeHandler(handler)


def _callers(app: Flask, wxlogin: Wxlogin) -> Callers:
    services = app.extensions["wxlogin"]
    user = wxlogin.sign_in("")[0].partition(": ")[2]
    with app.app_context():
        token, _ = services.operators.tokens.create("bench", ["introspect"], "bench", Bounds(None))
        admin = services.operators.admins.create("bench", "owner", random_password())
        fingerprint = credentials_fingerprint(admin)
        cookie, _ = services.operators.sessions.create(admin.public_id, fingerprint, "192.0.2.7")
    return {
        "anybody": {},
        "a user": {"Authorization": user},
        "a service": {"Authorization": f"Bearer {token}"},
        "an admin": {"Cookie": f"wxlogin_admin={cookie}"},
    }


def _measured(app: Flask, case: Case, caller: dict[str, str]) -> Measured:
    environ = _environ(case, caller)
    runs = [_answered(app, environ, case.body) for _ in range(REPEATS)]
    status, answered, _ = runs[-1]
    return Measured(case, status, answered, min(run[2] for run in runs) * 1000)


def _environ(case: Case, caller: dict[str, str]) -> Environ:
    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", **caller}
    for name, value in case.headers.items():
        both = name in ("Cookie", "X-Forwarded-For") and name in headers
        headers[name] = (
            f"{value}{'; ' if name == 'Cookie' else ', '}{headers[name]}" if both else value
        )
    builder = EnvironBuilder(
        path=case.path, query_string=case.query, method=case.method, headers=list(headers.items())
    )
    return {
        **builder.get_environ(),
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(case.body)),
    }


def _answered(app: Flask, environ: Environ, body: bytes) -> tuple[str, int, float]:
    said: list[str] = []
    given = {**environ, "wsgi.input": io.BytesIO(body)}
    began = time.thread_time()

    def start(status: str, _headers: object, _fault: object = None) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _written: None

    answer = app(given, start)
    answered = len(b"".join(answer))
    getattr(answer, "close", lambda: None)()
    return said[0][:3], answered, time.thread_time() - began


def _cells(row: Measured, language: str) -> tuple[str, ...]:
    case = row.case
    parser, worst, who = case.words(language)
    return (
        parser,
        worst,
        who,
        f"{case.size:,}",
        row.status,
        f"{row.answered:,}",
        f"{row.milliseconds:.1f}",
    )


def main() -> None:
    """Measure, print, and publish where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.worst_requests")
    parser.add_argument("--publish", action="store_true", help="write the pages")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name:
        directory = Path(name)
        (directory / "valkey").mkdir()
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            rows = measure(valkey.url, directory)
    print(table(rows, "en"))
    if given.publish:
        publish(rows)


if __name__ == "__main__":
    main()
