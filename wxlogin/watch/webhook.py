"""Alerts over HTTP: a WeCom robot's markdown, or plain JSON to any other address.

The address is a secret: whoever has a robot's can write under its name. It never leaves this file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from wxlogin.wechat.timely_reply import TIMELY_POOLS

ROBOT_PATH = "/cgi-bin/webhook/send"
TIMEOUT = (3.0, 5.0)
REPLY_BYTES = 4_096
FAULTS = (requests.RequestException, HTTPError, ValueError, OSError, RecursionError)
"""What can go wrong; the last one is JSON that is nested too deep."""


@dataclass(frozen=True)
class Notice:
    """What an alert says. `window` and `threshold` are 0 where one event is enough."""

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
        """The alert in words: what stands in each line, and what it says."""
        counted = "users" if self.logins else "times"
        many = f"{self.count} {counted}"
        if self.window:
            many += f" within {_span(self.window)}; the alert is at more than {self.threshold}"
        lines = [("Who", f"{self.subject_kind} `{self.subject}`"), ("How many", many)]
        if self.logins:
            rate = self.logins * 60 / self.window
            beside = f"{self.logins} logins ({rate:.0f} a minute), {self.failures} failures"
            lines.append(("Beside", beside))
        return [*lines, ("Since", self.at), ("What to do", self.advice)]


class Webhook:
    """Posts alerts to one address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._robot = urlsplit(url).path == ROBOT_PATH
        self._http = requests.Session()
        # Neither proxies nor netrc of the machine: the address is a secret.
        self._http.trust_env = False
        self._http.headers = {"User-Agent": "wxlogin", "Accept-Encoding": "identity"}
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
        adapter.poolmanager.pool_classes_by_scheme = TIMELY_POOLS
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, adapter)

    def post(self, notice: Notice) -> str:
        """Post it once; give back what went wrong in a few words, or nothing."""
        body = _markdown(notice) if self._robot else _plain(notice)
        try:
            return self._exchange(body)
        except FAULTS as fault:
            return type(fault).__name__  # its message holds the address

    def _exchange(self, body: dict[str, Any]) -> str:
        with self._http.post(
            self._url, json=body, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as response:
            if not 200 <= response.status_code < 300:
                return f"status {response.status_code}"
            errcode = _errcode(response.raw.read(REPLY_BYTES)) if self._robot else 0
            return f"errcode {errcode}" if errcode else ""


def _span(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _errcode(reply: bytes) -> int:
    """A robot refuses with status 200 and an errcode, such as 45009 over 20 messages a minute."""
    found = json.loads(reply)
    errcode = found.get("errcode") if isinstance(found, dict) else None
    return errcode if isinstance(errcode, int) else -1


def _plain(notice: Notice) -> dict[str, Any]:
    text = "\n".join(f"{name}: {said}" for name, said in notice.lines())
    return {**asdict(notice), "text": f"{notice.title}\n{text}"}


def _markdown(notice: Notice) -> dict[str, Any]:
    color = "warning" if notice.severity == "alarm" else "comment"
    title = f'**wxlogin: <font color="{color}">{notice.title}</font>**'
    lines = [f"> {name}: {said}" for name, said in notice.lines()]
    return {"msgtype": "markdown", "markdown": {"content": "\n".join([title, *lines])}}
