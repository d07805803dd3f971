"""A request that is the worst which a parser can be given, within the sizes that are taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from wxlogin.guard.bodies import MAX_BYTES

LINE = 4_000
"""Bytes of a request's target that gunicorn takes beside method and version."""
HEADER = 8_000
"""Bytes of a header's value that gunicorn takes beside its name."""
HEADERS = 70
"""Headers that gunicorn takes beside those that proxies add."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Who = Literal["anybody", "a user", "a service", "an admin"]
IN_CHINESE: Mapping[str, str] = {
    "anybody": "任何人",
    "a user": "已登录用户",
    "a service": "持有 API 令牌的服务",
    "an admin": "已登录管理员",
}


@dataclass(frozen=True)
class Case:
    """A request: its parser and what is bad about it, each in English and Chinese."""

    parser: tuple[str, str]
    worst: tuple[str, str]
    path: str
    method: str = "POST"
    who: Who = "anybody"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def size(self) -> int:
        """Return the bytes of target, headers and body."""
        headers = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return len(self.path) + len(self.query) + headers + len(self.body)

    def words(self, language: str) -> tuple[str, str, str]:
        """Return parser, worst request and caller in a language, `en` or `zh`."""
        number = 0 if language == "en" else 1
        who = self.who if language == "en" else IN_CHINESE[self.who]
        return self.parser[number], self.worst[number], who


def filled(
    begin: str, unit: str, end: str = "", most: int = MAX_BYTES, most_units: int = MAX_BYTES
) -> str:
    """Return as many units as fit between a beginning and an end."""
    fitting = (most - len(begin) - len(end)) // len(unit)
    return begin + unit * min(fitting, most_units) + end


def json_body(en: str, zh: str, body: str, path: str = "/v1/login", who: Who = "anybody") -> Case:
    words = ("JSON body", "JSON 请求体"), (en, zh)
    return Case(
        *words, path, who=who, headers={"Content-Type": JSON}, body=body.encode()[:MAX_BYTES]
    )
