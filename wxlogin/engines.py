"""The engines of one app, put together from its settings, and the way views reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from redis import Redis
from werkzeug.local import LocalProxy

from config import Settings
from wxlogin.accounts import Apps, Users
from wxlogin.clock import Clock
from wxlogin.sessions import (
    CodeMarks,
    Lifetimes,
    Scripts,
    SessionKeys,
    SessionStore,
    Tokens,
    connect,
)
from wxlogin.vault import BlindIndex, Vault
from wxlogin.wechat import Transport, WeChat


@dataclass(frozen=True)
class Engines:
    """Everything that decides, without anything of Flask."""

    settings: Settings
    clock: Clock
    redis: Redis
    tokens: Tokens
    sessions: SessionStore
    session_keys: SessionKeys
    codes: CodeMarks
    wechat: WeChat
    apps: Apps
    users: Users


def build(settings: Settings, clock: Clock) -> Engines:
    """Put the engines together; nothing is connected yet."""
    redis = connect(settings.redis_url)
    scripts = Scripts(redis)
    vault = Vault(settings.data_keys)
    lifetimes = Lifetimes(settings.session_idle_ttl, settings.session_max_age, settings.max_devices)
    return Engines(
        settings=settings,
        clock=clock,
        redis=redis,
        tokens=Tokens(settings.secret_keys),
        sessions=SessionStore(scripts, clock, lifetimes),
        session_keys=SessionKeys(scripts, vault, clock, settings.session_key_ttl),
        codes=CodeMarks(redis, scripts),
        wechat=WeChat(Transport(settings.wx_api_base, settings.wx_timeout), clock),
        apps=Apps(vault, clock, settings.wx_appid, settings.wx_secret),
        users=Users(vault, BlindIndex(settings.index_keys), clock),
    )


def _current() -> Engines:
    return cast("Engines", current_app.extensions["wxlogin"])


engines = cast("Engines", LocalProxy(_current))
