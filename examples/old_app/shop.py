"""A shop as teams write it themselves: wx.login, a table of users, tokens of its own.

    SHOP_APPID=wx... SHOP_SECRET=... SHOP_KEY=... flask --app examples.old_app.shop run

With SHOP_WXLOGIN and SHOP_SERVICE_TOKEN it takes wxlogin's tokens beside its own (both_ways.py).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import requests
from flask import Flask, Request, abort, request

from examples.old_app.both_ways import BothWays
from examples.old_app.old_tokens import HandMadeJwt, OldTokens
from examples.old_app.users import Users

ORDERS = """
CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, item TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Settings:
    """Where the shop's things are."""

    database: str
    appid: str
    secret: str = field(repr=False)
    key: str = field(repr=False)
    wechat: str = "https://api.weixin.qq.com"
    wxlogin: str = ""
    service_token: str = field(default="", repr=False)
    old_login: bool = True


def from_environment() -> Settings:
    """Return the settings that the environment gives."""
    given = {name: os.environ.get(f"SHOP_{name.upper()}", "") for name in Settings.__annotations__}
    old_login = given.pop("old_login") != "off"
    return Settings(**{name: text for name, text in given.items() if text}, old_login=old_login)


def create_app(settings: Settings | None = None, tokens: OldTokens | None = None) -> Flask:
    """Return the shop."""
    settings = settings or from_environment()
    users, tokens = Users(settings.database), tokens or HandMadeJwt(settings.key)
    with closing(sqlite3.connect(settings.database)) as sql:
        sql.executescript(ORDERS)
    who: Callable[[Request], int] = OldWay(tokens)
    if settings.wxlogin:
        who = BothWays(who, users, settings.wxlogin, settings.service_token)
    app = Flask("shop")

    @app.post("/login")
    def login() -> dict[str, object]:
        if not settings.old_login:
            abort(410)
        wechat = code2session(settings, str(request.get_json()["code"]))
        user = users.get_or_create(wechat["openid"], wechat.get("unionid"))
        return {"token": tokens.issue(user, wechat["openid"], wechat["session_key"]), "id": user}

    @app.get("/me")
    def me() -> dict[str, object]:
        user = who(request)
        return {"id": user, "nickname": users.nickname(user)}

    @app.post("/phone")
    def phone() -> dict[str, object]:
        user, code = who(request), str(request.get_json()["code"])
        number = phone_number(settings, code)
        users.set_phone(user, number)
        return {"phone": number}

    @app.post("/orders")
    def order() -> dict[str, object]:
        row = who(request), str(request.get_json()["item"])
        with closing(sqlite3.connect(settings.database)) as sql, sql:
            sql.execute("INSERT INTO orders (user_id, item) VALUES (?, ?)", row)
        return {"item": row[1]}

    @app.get("/orders")
    def orders() -> dict[str, object]:
        with closing(sqlite3.connect(settings.database)) as sql:
            own = sql.execute("SELECT item FROM orders WHERE user_id = ?", (who(request),))
            return {"items": [item for (item,) in own]}

    return app


class OldWay:
    """Who asks, by the shop's own token."""

    def __init__(self, tokens: OldTokens) -> None:
        self._tokens = tokens

    def __call__(self, asked: Request) -> int:
        """Return the user's id; 401 without one."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        user = self._tokens.user_of(token)
        return abort(401) if user is None else user


def code2session(settings: Settings, code: str) -> dict[str, str]:
    """Ask WeChat whose code it is."""
    words = {"appid": settings.appid, "secret": settings.secret, "js_code": code}
    query = {**words, "grant_type": "authorization_code"}
    url = f"{settings.wechat}/sns/jscode2session"
    answer: dict[str, str] = requests.get(url, params=query, timeout=5).json()
    return answer if "openid" in answer else abort(401)


def phone_number(settings: Settings, code: str) -> str:
    """Ask WeChat for the number behind the code of the phone-number button."""
    url = f"{settings.wechat}/wxa/business/getuserphonenumber"
    query = {"access_token": access_token(settings)}
    answer = requests.post(url, params=query, json={"code": code}, timeout=5).json()
    return str(answer["phone_info"]["phoneNumber"]) if answer["errcode"] == 0 else abort(400)


def access_token(settings: Settings) -> str:
    """Return WeChat's access_token: from wxlogin once that is there, for it has one holder."""
    if settings.wxlogin:
        url = f"{settings.wxlogin}/v1/service/access-token"
        service = {"Authorization": f"Bearer {settings.service_token}"}
        answer = requests.post(url, json={"appid": settings.appid}, headers=service, timeout=5)
    else:
        words = {"appid": settings.appid, "secret": settings.secret}
        query = {**words, "grant_type": "client_credential"}
        answer = requests.get(f"{settings.wechat}/cgi-bin/token", params=query, timeout=5)
    answer.raise_for_status()
    return str(answer.json()["access_token"])
