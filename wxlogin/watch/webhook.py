"""Posts alerts over HTTP: markdown to a WeCom robot, JSON to any other URL.

The URL is a secret: whoever has a robot's URL can post under its name. It never leaves this file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from wxlogin.outbox.sender import open_session
from wxlogin.plural import plural

ROBOT_PATH = "/cgi-bin/webhook/send"
TIMEOUT = (3.0, 5.0)
REPLY_BYTES = 4_096
UNKNOWN_ROBOT = frozenset({-1, 93000})
"""What is no robot's answer at all, and what WeCom says of a key that no robot has."""
FAULTS = (requests.RequestException, HTTPError, ValueError, OSError, RecursionError)
"""What a post can raise; the last one comes from JSON that is nested too deep."""


@dataclass(frozen=True)
class Notice:
    """The content of an alert. `window` and `threshold` are 0 if a single event raises it."""

    rule: str
    severity: str
    title: str
    subject_kind: str
    subject: str
    count: int
    window: int
    threshold: int
    logins: int
    failures: int
    at: str
    advice: str

    def lines(self) -> list[tuple[str, str]]:
        """Return the alert as text: the label and the value of each line."""
        times = plural(self.count, "user" if self.logins else "time")
        if self.window:
            limit = f"the alert is at more than {self.threshold}"
            times += f" within {_duration(self.window)}; {limit}"
        lines = [("Who", f"{self.subject_kind} `{self.subject}`"), ("How many", times)]
        if self.logins:
            rate = self.logins * 60 / self.window
            logins, failures = plural(self.logins, "login"), plural(self.failures, "failure")
            lines.append(("Beside", f"{logins} ({rate:.0f} a minute), {failures}"))
        return [*lines, ("Since", self.at), ("What to do", self.advice)]


class Webhook:
    """Posts alerts to one URL."""

    def __init__(self, url: str, *, unrestricted: bool = True) -> None:
        """`unrestricted` allows plain http and addresses that are not public."""
        self._url = url
        self._robot = urlsplit(url).path == ROBOT_PATH
        # Neither proxies nor netrc of the machine: the URL is a secret.
        self._http = open_session(unrestricted=unrestricted)

    def post(self, notice: Notice) -> str:
        """Post a notice once; return what went wrong in a few words, or an empty text."""
        body = _markdown(notice) if self._robot else _plain(notice)
        try:
            return self._send(body)
        except FAULTS as fault:
            return type(fault).__name__  # its message contains the URL

    def try_out(self) -> str:
        """Ask whether the URL takes posts, without a message; return what is wrong, or nothing.

        A robot refuses an empty message, but one that does not exist with an errcode of its own.
        Other URLs are asked by HEAD: a server that does not know it is there all the same.
        """
        try:
            return self._refusal() if self._robot else self._status()
        except FAULTS as fault:
            return type(fault).__name__  # its message contains the URL

    def _refusal(self) -> str:
        with self._http.post(
            self._url, json={}, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            if not 200 <= response.status_code < 300:
                return f"status {response.status_code}"
            errcode = _errcode(response.raw.read(REPLY_BYTES))
        return f"errcode {errcode}" if errcode in UNKNOWN_ROBOT else ""

    def _status(self) -> str:
        with self._http.head(self._url, timeout=TIMEOUT, allow_redirects=False) as response:
            status = response.status_code
        missing = status in (401, 403, 404, 410) or 300 <= status < 400
        return f"status {status}" if missing or (status >= 500 and status != 501) else ""

    def _send(self, body: dict[str, Any]) -> str:
        with self._http.post(
            self._url, json=body, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            if not 200 <= response.status_code < 300:
                return f"status {response.status_code}"
            errcode = _errcode(response.raw.read(REPLY_BYTES)) if self._robot else 0
            return f"errcode {errcode}" if errcode else ""


def _duration(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _errcode(reply: bytes) -> int:
    """Return the errcode of a robot, -1 if there is none.

    A robot refuses with status 200 and an errcode, such as 45009 over 20 messages a minute.
    """
    document = json.loads(reply)
    errcode = document.get("errcode") if isinstance(document, dict) else None
    return errcode if isinstance(errcode, int) else -1


def _plain(notice: Notice) -> dict[str, Any]:
    text = "\n".join(f"{label}: {value}" for label, value in notice.lines())
    return {**asdict(notice), "text": f"{notice.title}\n{text}"}


def _markdown(notice: Notice) -> dict[str, Any]:
    color = "warning" if notice.severity == "alarm" else "comment"
    title = f'**wxlogin: <font color="{color}">{notice.title}</font>**'
    lines = [f"> {label}: {value}" for label, value in notice.lines()]
    return {"msgtype": "markdown", "markdown": {"content": "\n".join([title, *lines])}}
