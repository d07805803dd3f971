"""The engines of one app, put together from its settings, and the way views reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from redis import Redis
from sqlalchemy import Engine
from werkzeug.local import LocalProxy

from config import Settings
from wxlogin.accounts import (
    AppRegistry,
    Apps,
    Bans,
    Erasure,
    KeyCensus,
    People,
    UserKeys,
    Users,
)
from wxlogin.clock import Clock
from wxlogin.guard.failures import Failures
from wxlogin.guard.limits import RateLimits
from wxlogin.operators import Operators, operators
from wxlogin.sessions import (
    CodeMarks,
    DevicePolicy,
    Lifetimes,
    Nonces,
    Scripts,
    SessionKeys,
    SessionStore,
    Tokens,
    connect,
)
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.held import held
from wxlogin.watch.audit import Audit
from wxlogin.watch.audit_chain import AuditHead, Chain
from wxlogin.watch.figures import Figures
from wxlogin.watch.recorder import Recorder, build_recorder
from wxlogin.watch.regions import Regions
from wxlogin.wechat import AccessTokens, Transport, WeChat


@dataclass(frozen=True)
class Engines:
    """Everything that decides, without anything of Flask."""

    settings: Settings
    clock: Clock
    redis: Redis
    regions: Regions
    figures: Figures
    limits: RateLimits
    failures: Failures
    tokens: Tokens
    sessions: SessionStore
    session_keys: SessionKeys
    codes: CodeMarks
    nonces: Nonces
    wechat: WeChat
    access_tokens: AccessTokens
    apps: Apps
    users: Users
    user_keys: UserKeys
    people: People
    bans: Bans
    erasure: Erasure
    registry: AppRegistry
    keys: KeyCensus
    recorder: Recorder
    operators: Operators
    audit: Audit


def build(settings: Settings, clock: Clock, sql: Engine) -> Engines:
    """Put the engines together; nothing is connected yet."""
    redis = connect(settings.redis_url)
    scripts = Scripts(redis, settings.redis_wait)
    vault, index = Vault(settings.data_keys), BlindIndex(settings.index_keys)
    held.keep("AppSecret", "of the settings", settings.wx_secret)
    limits = RateLimits(scripts, settings, clock)
    recorder = build_recorder(sql, scripts, index, settings, clock)
    sessions = _sessions(settings, scripts, clock, recorder)
    session_keys = SessionKeys(scripts, vault, index, clock, settings.session_key_ttl)
    transport = Transport(settings.wx_api_base, settings.wx_timeout, clock, settings.wx_concurrency)
    wechat = WeChat(transport, clock)
    access_tokens = AccessTokens(scripts, vault, wechat, clock)
    apps = Apps(redis, vault, clock, settings.wx_appid, settings.wx_secret)
    users = Users(vault, index, clock)
    return Engines(
        settings=settings,
        clock=clock,
        redis=redis,
        regions=Regions(settings.ip_region_db),
        figures=Figures(clock),
        limits=limits,
        failures=Failures(limits),
        tokens=Tokens(settings.secret_keys),
        sessions=sessions,
        session_keys=session_keys,
        codes=CodeMarks(scripts),
        nonces=Nonces(scripts),
        wechat=wechat,
        access_tokens=access_tokens,
        apps=apps,
        users=users,
        user_keys=UserKeys(apps, users, session_keys, wechat, access_tokens, recorder.refused),
        people=People(vault, index, clock, apps),
        bans=Bans(sessions),
        erasure=Erasure(sessions, limits),
        registry=AppRegistry(apps, vault, sessions, wechat, access_tokens),
        keys=KeyCensus(settings.secret_keys, settings.data_keys, settings.index_keys),
        recorder=recorder,
        operators=operators(settings, sql, scripts, vault, clock),
        audit=Audit(sql, Chain(settings.data_keys), AuditHead(scripts), clock),
    )


def _sessions(
    settings: Settings, scripts: Scripts, clock: Clock, recorder: Recorder
) -> SessionStore:
    lifetimes = Lifetimes(settings.session_idle_ttl, settings.session_max_age)
    devices = DevicePolicy(
        settings.single_device_login, settings.max_devices, settings.device_overflow
    )
    return SessionStore(scripts, clock, lifetimes, devices, recorder.unknown_record)


def current_engines() -> Engines:
    """The engines of the app at hand."""
    return cast("Engines", current_app.extensions["wxlogin"])


engines = cast("Engines", LocalProxy(current_engines))
