"""WeChat's side of the message push: what it sends, and to whom."""

from __future__ import annotations

from itertools import count
from typing import Any

import requests

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from wxlogin.sandbox import push
from wxlogin.sandbox.push import Form, Mode, PushConfig, PushRequest

TOKEN = "AAAAA"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
KEYS = PushConfig(APPID, TOKEN, AES_KEY)
NEW_KEYS = PushConfig(APPID, "BBBBB", AES_KEY[::-1])
EVERY_WAY = [(mode, form) for mode in ("plain", "compatible", "secure") for form in ("json", "xml")]
REVOKE, MODIFIED = "user_authorization_revoke", "user_info_modified"
CANCELLED = "user_authorization_cancellation"
ids = count(1)

PUSH = {"WXLOGIN_WX_PUSH_TOKEN": TOKEN, "WXLOGIN_WX_PUSH_AES_KEY": AES_KEY}


def send(
    site: Site, request: PushRequest, appid: str = APPID, *, timeout: float = 30
) -> requests.Response:
    return site.request(
        "POST",
        f"/v1/push/{appid}",
        params=request.query,
        data=request.body,
        headers={"Content-Type": request.content_type},
        timeout=timeout,
    )


def message(site: Site, event: str, user: str = "alice", **fields: str | int) -> dict[str, Any]:
    """A privacy event as WeChat words it."""
    return {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o-of-the-platform",
        "CreateTime": int(site.clock()) + next(ids),
        "MsgType": "event",
        "Event": event,
        "OpenID": site.sandbox.world.openid(user),
        "AppID": APPID,
        **fields,
    }


def tell(
    site: Site, told: dict[str, Any], mode: Mode = "secure", form: Form = "json"
) -> requests.Response:
    return send(site, push.request(KEYS, told, site.clock(), mode, form))


def kept(phone: Phone) -> set[str]:
    row = UserRow(phone.site, phone.user_id)
    return {name for name in ("phone", "profile") if row.column(f"{name}_sealed")}
