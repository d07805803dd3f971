"""Posts alerts over HTTP: to a robot as it wants them, to any other URL as JSON.

The URL is a secret: whoever has a robot's URL can post under its name. It never leaves this file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from config import Settings
from wxlogin.clock import Clock, system_clock
from wxlogin.outbox.sender import open_session
from wxlogin.watch.messages import Message
from wxlogin.watch.robots import UNSIGNED, robot_of

TIMEOUT = (3.0, 5.0)
REPLY_BYTES = 4_096


class Refused(ValueError):
    """An answer that is no success; the message names its status."""


FAULTS = (requests.RequestException, HTTPError, ValueError, OSError, RecursionError)
"""What a post can raise; the last one comes from JSON that is nested too deep."""


@dataclass(frozen=True)
class Receiver:
    """Where alerts go.

    `secret` is the one that a robot of Feishu or DingTalk signs with, empty without one.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)


def receiver_of(settings: Settings) -> Receiver:
    """Return where the settings send alerts."""
    return Receiver(settings.alert_webhook, settings.alert_webhook_secret)


class Webhook:
    """Posts alerts to one URL."""

    def __init__(
        self, receiver: Receiver, clock: Clock = system_clock, *, unrestricted: bool = True
    ) -> None:
        """`unrestricted` allows plain http and addresses that are not public."""
        self._receiver = receiver
        self._clock = clock
        self._robot = robot_of(receiver.url)
        # Neither proxies nor netrc of the machine: the URL is a secret.
        self._http = open_session(unrestricted=unrestricted)

    def post(self, message: Message) -> str:
        """Post a message once; return what went wrong in a few words, or an empty text."""
        try:
            return self._send(self._body(message))
        except Refused as refused:
            return str(refused)
        except FAULTS as fault:
            return type(fault).__name__  # its message contains the URL

    def try_out(self) -> str:
        """Ask whether the URL takes posts, without a message; return what is wrong, or nothing.

        A robot refuses an empty message, but one that does not exist with a code of its own. Other
        URLs are asked by HEAD: a server that does not know it is there all the same.
        """
        try:
            return self._refusal() if self._robot and self._robot.code else self._status()
        except Refused as refused:
            return str(refused)
        except FAULTS as fault:
            return type(fault).__name__  # its message contains the URL

    def _body(self, message: Message) -> dict[str, Any]:
        if self._robot:
            return self._robot.body(message.severity, message.title, message.lines)
        return message.document

    def _refusal(self) -> str:
        code = self._code({})
        assert self._robot
        return f"{self._robot.code} {code}" if code in self._robot.unknown else ""

    def _status(self) -> str:
        with self._http.head(
            self._receiver.url, timeout=TIMEOUT, allow_redirects=False
        ) as response:
            status = response.status_code
        missing = status in (401, 403, 404, 410) or 300 <= status < 400
        return f"status {status}" if missing or (status >= 500 and status != 501) else ""

    def _send(self, body: dict[str, Any]) -> str:
        code = self._code(body)
        return f"{self._robot.code} {code}" if code and self._robot else ""

    def _code(self, body: dict[str, Any]) -> int:
        """Post a body; return the code of the robot's reply, 0 without a robot.

        Refused for an answer that is no success.
        """
        signature = UNSIGNED
        if self._robot and self._receiver.secret:
            signature = self._robot.sign(self._receiver.secret, self._clock())
        with self._http.post(
            self._receiver.url,
            params=signature.params,
            json={**body, **signature.members},
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            if not 200 <= response.status_code < 300:
                raise Refused(f"status {response.status_code}")
            if not self._robot or not self._robot.code:
                return 0
            return _code(response.raw.read(REPLY_BYTES), self._robot.code)


def _code(reply: bytes, name: str) -> int:
    """Return the code of a robot's reply, -1 if there is none.

    A robot refuses with status 200 and a code, such as WeCom's 45009 over 20 messages a minute.
    """
    document = json.loads(reply)
    code = document.get(name) if isinstance(document, dict) else None
    return code if isinstance(code, int) else -1
