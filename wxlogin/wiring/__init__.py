"""Puts the services of one app together from its settings."""

from __future__ import annotations

from sqlalchemy import Engine

from config import Settings
from wxlogin.clock import Clock
from wxlogin.database import single_statement_engine
from wxlogin.doctor.consulting import Doctor
from wxlogin.extensions import db
from wxlogin.keyring import Compromise, Rotation, rings_of
from wxlogin.keyring.compromise import Ending
from wxlogin.keyring.report import Reports
from wxlogin.keyring.rotation import Seals
from wxlogin.limits.failures import Failures
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators import Operators, build_operators
from wxlogin.outbox import build_webhooks
from wxlogin.redisdb import Scripts, connect, keys
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.scan_store import Pictures, ScanStore
from wxlogin.services import (
    Accounts,
    Keyring,
    Limits,
    Scans,
    Services,
    Sessions,
    WeChat,
)
from wxlogin.sessions.login_outcomes import LoginOutcomes
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.wechat import (
    ClockDifference,
)
from wxlogin.wiring.accounts import build_accounts
from wxlogin.wiring.infrastructure import (
    SCRIPT_FOLDERS,
    Infrastructure,
    build_reconciled_servers,
    build_rings,
)
from wxlogin.wiring.sessions import build_sessions
from wxlogin.wiring.watch import build_watch
from wxlogin.wiring.wechat import build_wechat

__all__ = ["SCRIPT_FOLDERS", "build"]


def build(settings: Settings, clock: Clock, sql: Engine) -> Services:
    """Put the services together; nothing is connected yet."""
    leak_guard.register("AppSecret", "of the settings", settings.wx_secret)
    redis = connect(settings.redis_url, build_reconciled_servers(settings, clock, sql).require)
    scripts = Scripts(redis, SCRIPT_FOLDERS, settings.redis_wait)
    vault, index = Vault(settings.data_keys), BlindIndex(settings.index_keys)
    rings = build_rings(settings, clock, sql, scripts, vault)
    version = SharedVersion(redis, keys.apps_version())
    webhooks = build_webhooks(
        settings, clock, sql, db.session, vault, version, LoginOutcomes(scripts, clock)
    )
    single = single_statement_engine(sql, pgbouncer=settings.database_pgbouncer)
    infra = Infrastructure(
        settings, clock, sql, single, scripts, vault, index, rings, version, webhooks
    )
    rates = RateLimits(scripts, settings, clock)
    clocks = ClockDifference(redis, clock)
    watch = build_watch(infra, clocks)
    sessions = build_sessions(infra, watch)
    wechat = build_wechat(infra, clocks)
    accounts = build_accounts(infra, rates, sessions, wechat, watch)
    operators = build_operators(
        settings, sql, db.session, scripts, vault, clock, rings.hosts.signs_elsewhere
    )
    return Services(
        settings=settings,
        clock=clock,
        redis=redis,
        limits=Limits(rates, Failures(rates)),
        sessions=sessions,
        scans=Scans(ScanStore(scripts, clock), Pictures(clock)),
        wechat=wechat,
        accounts=accounts,
        watch=watch,
        operators=operators,
        doctor=Doctor(settings, clock, db.session),
        keyring=_keyring(infra, sessions, wechat, accounts, operators),
        webhooks=webhooks,
    )


def _keyring(
    infra: Infrastructure,
    sessions: Sessions,
    wechat: WeChat,
    accounts: Accounts,
    operators: Operators,
) -> Keyring:
    settings, clock, sql, _, scripts, vault, index, (known, hosts, _), *_ = infra
    seals = Seals(vault, index)
    ending = Ending(
        sessions.store, sessions.keys, operators.sessions, accounts.apps, wechat.access_tokens
    )
    rotation = Rotation(sql, scripts, seals, hosts, accounts.key_usage, clock)
    return Keyring(
        known,
        hosts,
        rotation,
        Compromise(sql, rings_of(settings).ids(), ending, clock),
        Reports(accounts.key_usage, known, hosts, rotation, settings, clock),
    )
