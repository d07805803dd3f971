"""Sends a message push to wxlogin, as WeChat's servers do, to an address of this machine alone."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

import requests

from wxlogin.sandbox import push
from wxlogin.sandbox.push import CONTENT_TYPES, Form, Mode, PushConfig, PushRequest
from wxlogin.sandbox.world import World

FIELDS = (
    "user",
    "appid",
    "event",
    "revoke_info",
    "url",
    "token",
    "aes_key",
    "mode",
    "form",
    "resend",
)
MODES = ("plain", "compatible", "secure")
TIMEOUT = 5
"""Seconds after which WeChat closes the connection."""
SHOWN = 400
MAX_RESENDS = 2
"""How often WeChat sends a message again that was not answered in time."""

Answer = dict[str, str | int]


def send(world: World, fields: Mapping[str, str]) -> dict[str, object]:
    """Push an event of a user and return status and body of the answer.

    `resend` sends the same message again so often, signed anew, and adds those answers. ValueError
    says what is wrong with a field.
    """
    config = PushConfig(world.appid(fields.get("appid")), fields.get("token", ""), _aes_key(fields))
    url, now = _local(fields.get("url", "")), world.now()
    message: dict[str, str | int] = {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": "o-platform-of-the-sandbox",
        "CreateTime": int(now),
        "MsgType": "event",
        "Event": fields.get("event", "user_info_modified"),
        "OpenID": world.openid(fields.get("user", "alice"), config.appid),
        "AppID": config.appid,
    }
    if "revoke_info" in fields:
        message["RevokeInfo"] = fields["revoke_info"]
    mode, form = _one_of(fields, "mode", MODES[::-1]), _one_of(fields, "form", tuple(CONTENT_TYPES))
    resends = _resends(fields)
    answers = [
        _post(url, push.request(config, message, now, cast("Mode", mode), cast("Form", form)))
        for _ in range(1 + resends)
    ]
    return {**answers[0], **({"resent": answers[1:]} if resends else {})}


def _post(url: str, request: PushRequest) -> Answer:
    headers = {"Content-Type": request.content_type}
    try:
        answer = requests.post(
            url,
            params=request.query,
            data=request.body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException as fault:
        return {"status": 0, "answer": type(fault).__name__}
    return {"status": answer.status_code, "answer": answer.text[:SHOWN]}


def _aes_key(fields: Mapping[str, str]) -> str:
    aes_key = fields.get("aes_key", "")
    if fields.get("mode") != "plain" and len(aes_key) != 43:
        raise ValueError("aes_key must have 43 characters; without one, mode must be plain")
    return aes_key


def _resends(fields: Mapping[str, str]) -> int:
    text = fields.get("resend", "0")
    if text not in {str(number) for number in range(MAX_RESENDS + 1)}:
        raise ValueError(f"resend must be a number from 0 to {MAX_RESENDS}")
    return int(text)


def _one_of(fields: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = fields.get(name, known[0])
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}")
    return value


def _local(url: str) -> str:
    """Return the URL of an address of this machine; the sandbox sends nothing elsewhere."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local or urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("url must be http://127.0.0.1:PORT/v1/push/APPID")
    return url
