"""A receiver of alerts on loopback: it keeps what it got and answers as it is told to."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.timing import eventually
from wxlogin.watch.robots import WECOM

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"  # made up, in the form of a robot's

RULE = {
    "WXLOGIN_RULE_FAIL_IP": "3/10minutes",
    "WXLOGIN_TRUSTED_HOPS": "1",
    "WXLOGIN_ALERT_LANGUAGE": "en",
}
"""Settings of a site in which a few forged tokens are an alert."""


class Answer(NamedTuple):
    """What the receiver says to one post."""

    status: int = 200
    body: str = '{"errcode": 0, "errmsg": "ok"}'
    location: str = ""


class Receiver(LoopbackServer):
    """Takes every post; those of `answers` are said first, in turn."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.answers: list[Answer] = []
        super().__init__()

    @property
    def url(self) -> str:
        """Any address."""
        return f"{self.base}/alerts?key={KEY}"

    @property
    def robot(self) -> str:
        """An address in the form of a WeCom robot's."""
        return f"{self.base}{WECOM.path}?key={KEY}"

    def wait(self) -> None:
        """Wait for the first post."""
        eventually(lambda: self.got)

    def _handler(self) -> type[QuietHandler]:
        receiver = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802  the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.paths.append(self.path)
                receiver.got.append(json.loads(body))
                answer = receiver.answers.pop(0) if receiver.answers else Answer()
                self.send_response(answer.status)
                if answer.location:
                    self.send_header("Location", answer.location)
                self.end_headers()
                self.wfile.write(answer.body.encode())

        return Handler
