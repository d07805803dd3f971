"""A receiver of alerts on loopback: it keeps what it got and answers as it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.harness.timing import eventually
from wxlogin.watch.webhook import ROBOT_PATH

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"  # made up, in the form of a robot's


class Answer(NamedTuple):
    """What the receiver says to one post."""

    status: int = 200
    body: str = '{"errcode": 0, "errmsg": "ok"}'
    location: str = ""


class Receiver:
    """Takes every post; those of `answers` are said first, in turn."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answers: list[Answer] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Any address."""
        return f"http://127.0.0.1:{self._server.server_port}/alerts?key={KEY}"

    @property
    def robot(self) -> str:
        """An address in the form of a WeCom robot's."""
        return f"http://127.0.0.1:{self._server.server_port}{ROBOT_PATH}?key={KEY}"

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Wait for the first post."""
        eventually(lambda: self.got)

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(json.loads(body))
                answer = receiver.answers.pop(0) if receiver.answers else Answer()
                self.send_response(answer.status)
                if answer.location:
                    self.send_header("Location", answer.location)
                self.end_headers()
                self.wfile.write(answer.body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
