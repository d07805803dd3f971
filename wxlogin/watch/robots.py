"""The forms in which chat robots and other receivers take an alert.

A robot is known by the path of its URL: 企业微信 (WeCom), 飞书 (Feishu), 钉钉 (DingTalk), Slack.
Those of Feishu and DingTalk may want each message signed, with the time, under their own secret.
What takes Slack's form at an address of its own reads the member `text` of the plain JSON.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Text = list[tuple[str, str]]
"""The label and the value of each line."""


class Signature(NamedTuple):
    """What a signed message has more: parameters of its URL, members of its body."""

    params: dict[str, str]
    members: dict[str, str]


UNSIGNED = Signature({}, {})


class Robot(NamedTuple):
    """How one product's robot takes a message and says whether it did.

    `unknown` are the codes, and -1 for an answer without one, of a robot that will take no message:
    it does not exist, or the signature is not good.
    """

    path: str
    body: Callable[[str, str, Text], dict[str, Any]]
    """Makes the body of a severity, a title and lines."""
    code: str
    """The member of its reply that is 0 for a message that it took; empty: its status says so."""
    unknown: frozenset[int]
    sign: Callable[[str, float], Signature] = lambda _secret, _now: UNSIGNED
    """Signs by the secret at a time in Unix seconds."""


def robot_of(url: str) -> Robot | None:
    """Return the robot whose URL this is, None for any other receiver."""
    path = urlsplit(url).path
    return next((robot for robot in ROBOTS if path.startswith(robot.path)), None)


def _wecom(severity: str, title: str, text: Text) -> dict[str, Any]:
    color = "warning" if severity == "alarm" else "comment"
    head = f'**wxlogin: <font color="{color}">{title}</font>**'
    lines = [f"> {label}: {value}" for label, value in text]
    return {"msgtype": "markdown", "markdown": {"content": "\n".join([head, *lines])}}


def _feishu(_severity: str, title: str, text: Text) -> dict[str, Any]:
    lines = [f"{label}: {value}" for label, value in text]
    return {"msg_type": "text", "content": {"text": "\n".join([f"wxlogin: {title}", *lines])}}


def _dingtalk(_severity: str, title: str, text: Text) -> dict[str, Any]:
    lines = [f"- {label}: {value}" for label, value in text]
    head = f"wxlogin: {title}"
    content = "\n".join([f"#### {head}", "", *lines])
    return {"msgtype": "markdown", "markdown": {"title": head, "text": content}}


def _slack(_severity: str, title: str, text: Text) -> dict[str, Any]:
    lines = [f"{_escaped(label)}: {_escaped(value)}" for label, value in text]
    return {"text": "\n".join([f"*wxlogin: {_escaped(title)}*", *lines])}


def _escaped(text: str) -> str:
    """Return the text with what Slack takes for its own marks, such as a mention, escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sign_for_feishu(secret: str, now: float) -> Signature:
    # The text is the key, and nothing is what it signs.
    timestamp = str(int(now))
    key = f"{timestamp}\n{secret}".encode()
    return Signature({}, {"timestamp": timestamp, "sign": _hmac(key, b"")})


def _sign_for_dingtalk(secret: str, now: float) -> Signature:
    timestamp = str(int(now * 1000))
    signed = _hmac(secret.encode(), f"{timestamp}\n{secret}".encode())
    return Signature({"timestamp": timestamp, "sign": signed}, {})


def _hmac(key: bytes, message: bytes) -> str:
    return b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


WECOM = Robot("/cgi-bin/webhook/send", _wecom, "errcode", frozenset({-1, 93000}))
FEISHU = Robot(
    "/open-apis/bot/v2/hook/",
    _feishu,
    "code",
    frozenset({-1, 19001, 19021, 19022}),
    _sign_for_feishu,
)
DINGTALK = Robot(
    "/robot/send", _dingtalk, "errcode", frozenset({-1, 300001, 300005}), _sign_for_dingtalk
)
SLACK = Robot("/services/T", _slack, "", frozenset())
ROBOTS = (WECOM, FEISHU, DINGTALK, SLACK)
