"""Puts the services of one app together from its settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine

from config import Settings
from wxlogin import limits, operators, sessions, watch, wechat
from wxlogin.accounts import (
    AppAccess,
    AppAdmin,
    Apps,
    Bans,
    Endings,
    Erasure,
    KeyUsage,
    Reconciliation,
    TokenResets,
    UserDirectory,
    UserKeys,
    Users,
)
from wxlogin.accounts.applied_changes import AppliedChanges
from wxlogin.accounts.doubles import Merging
from wxlogin.accounts.push_keys import PushKeyring
from wxlogin.accounts.pushed import Pushed
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.doctor.consulting import Doctor
from wxlogin.error_table import entry_of, outcome_of
from wxlogin.extensions import db
from wxlogin.keyring import Compromise, Hosts, KnownKeys, Rotation, rings_of
from wxlogin.keyring.compromise import Ending
from wxlogin.keyring.report import Reports
from wxlogin.keyring.rotation import Seals
from wxlogin.limits.failures import Failures
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators import Operators, build_operators
from wxlogin.outbox import Webhooks, build_webhooks
from wxlogin.redisdb import Admission, Scripts, connect, keys
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.service_error import ServiceError
from wxlogin.services import Accounts, Keyring, Limits, Services, Sessions, Watch, WeChat
from wxlogin.sessions import (
    CodeMarks,
    DevicePolicy,
    Lifetimes,
    Nonces,
    SessionKeys,
    SessionStore,
    Tokens,
)
from wxlogin.sessions.traces import Traces
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.version import VERSION
from wxlogin.watch.alert_history import AlertHistory
from wxlogin.watch.audit import Audit
from wxlogin.watch.audit_acts import AuditActs
from wxlogin.watch.audit_chain import AuditHead, Chain
from wxlogin.watch.readiness import Readiness
from wxlogin.watch.recorder import Recorder, build_recorder
from wxlogin.watch.regions import Regions
from wxlogin.watch.statistics import Statistics
from wxlogin.watch.travel import LoginHistory
from wxlogin.wechat import (
    AccessTokens,
    ClockDifference,
    Credentials,
    Transport,
    WeChatClient,
)
from wxlogin.wechat.message_crypto import PushKeys
from wxlogin.wechat.push_marks import PushMarks

SCRIPT_FOLDERS = (
    limits.LUA,
    sessions.LUA,
    sessions.SLOT_LUA,
    operators.LUA,
    watch.LUA,
    wechat.LUA,
)
"""The Lua scripts of all rooms."""


class _Rings(NamedTuple):
    """What knows the keys, before anything uses them."""

    known: KnownKeys
    hosts: Hosts


class _Ground(NamedTuple):
    """What the parts of several rooms are built from."""

    settings: Settings
    clock: Clock
    sql: Engine
    scripts: Scripts
    vault: Vault
    blind_index: BlindIndex
    rings: _Rings
    version: SharedVersion
    webhooks: Webhooks


def build(settings: Settings, clock: Clock, sql: Engine) -> Services:
    """Put the services together; nothing is connected yet."""
    leak_guard.register("AppSecret", "of the settings", settings.wx_secret)
    redis = connect(settings.redis_url, _admission(settings, clock, sql).require)
    scripts = Scripts(redis, SCRIPT_FOLDERS, settings.redis_wait)
    vault, index = Vault(settings.data_keys), BlindIndex(settings.index_keys)
    rings = _rings(settings, clock, sql, scripts, vault)
    version = SharedVersion(redis, keys.apps_version())
    webhooks = build_webhooks(
        settings, clock, sql, db.session, vault, version, Traces(scripts, clock)
    )
    ground = _Ground(settings, clock, sql, scripts, vault, index, rings, version, webhooks)
    rates = RateLimits(scripts, settings, clock)
    clocks = ClockDifference(redis, clock)
    watch = _watch(ground, clocks)
    sessions = _sessions(ground, watch)
    wechat = _wechat(ground, clocks)
    accounts = _accounts(ground, rates, sessions, wechat, watch)
    operators = build_operators(
        settings, sql, db.session, scripts, vault, clock, rings.hosts.signs_elsewhere
    )
    return Services(
        settings=settings,
        clock=clock,
        redis=redis,
        limits=Limits(rates, Failures(rates)),
        sessions=sessions,
        wechat=wechat,
        accounts=accounts,
        watch=watch,
        operators=operators,
        doctor=Doctor(settings, clock, db.session),
        keyring=_keyring(ground, sessions, wechat, accounts, operators),
        webhooks=webhooks,
    )


def _rings(settings: Settings, clock: Clock, sql: Engine, scripts: Scripts, vault: Vault) -> _Rings:
    rings = rings_of(settings)
    known = KnownKeys(sql, rings, vault, clock)
    return _Rings(known, Hosts(scripts, rings.ids(), VERSION, clock, known.note_use))


def _keyring(
    ground: _Ground, sessions: Sessions, wechat: WeChat, accounts: Accounts, operators: Operators
) -> Keyring:
    settings, clock, sql, scripts, vault, index, (known, hosts), *_ = ground
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


def _admission(settings: Settings, clock: Clock, sql: Engine) -> Admission:
    """Return what reconciles servers of Redis by connections of its own."""

    def reconcile(client: Server) -> None:
        _reconciliation(settings, clock, sql, client).run_whole()

    return Admission(partial(connect, settings.redis_url), reconcile)


def _reconciliation(
    settings: Settings, clock: Clock, sql: Engine, client: Server
) -> Reconciliation:
    """Return a reconciliation that waits for no replica: after a failover there may be none."""
    scripts = Scripts(client, SCRIPT_FOLDERS)
    store = SessionStore(scripts, clock, *_session_rules(settings))
    return Reconciliation(sql, store, AppliedChanges(scripts), clock)


def _session_rules(settings: Settings) -> tuple[Lifetimes, DevicePolicy]:
    lifetimes = Lifetimes(settings.session_idle_ttl, settings.session_max_age)
    devices = DevicePolicy(
        settings.single_device_login, settings.max_devices, settings.device_overflow
    )
    return lifetimes, devices


def _watch(ground: _Ground, clocks: ClockDifference) -> Watch:
    settings, clock, sql, scripts, _, index, rings, _, webhooks = ground
    chain = Chain(settings.data_keys, rings.known.audit_keys)
    return Watch(
        recorder=build_recorder(sql, db.session, scripts, index, settings, clock, webhooks),
        audit=Audit(
            sql,
            db.session,
            chain,
            AuditHead(scripts, chain),
            clock,
            outcome_of,
        ),
        acts=AuditActs(db.session),
        alert_history=AlertHistory(db.session, clock),
        statistics=Statistics(db.session, clock),
        regions=Regions(settings.ip_region_db),
        login_history=LoginHistory(db.session),
        readiness=Readiness(scripts, sql, clocks.describe),
    )


def _sessions(ground: _Ground, watch: Watch) -> Sessions:
    settings, clock, _, scripts, vault, index, rings, _, webhooks = ground
    rules = _session_rules(settings)
    return Sessions(
        store=SessionStore(
            scripts, clock, *rules, watch.recorder.unknown_record, webhooks.sign_outs.add
        ),
        tokens=Tokens(settings.secret_keys, is_elsewhere=rings.hosts.signs_elsewhere),
        keys=SessionKeys(scripts, vault, index, clock, settings.session_key_ttl),
        codes=CodeMarks(scripts),
        nonces=Nonces(scripts),
    )


def _wechat(ground: _Ground, clocks: ClockDifference) -> WeChat:
    settings, clock, _, scripts, vault, *_ = ground
    transport = Transport(
        settings.wx_api_base,
        settings.wx_timeout,
        clock,
        settings.wx_concurrency,
        proxy=settings.wx_proxy,
        observe_date=clocks.observe,
    )
    client = WeChatClient(transport, clock)
    tokens = AccessTokens(scripts, vault, client, clock)
    return WeChat(client, tokens, PushMarks(scripts, 2 * settings.push_max_age))


def _accounts(
    ground: _Ground, rates: RateLimits, sessions: Sessions, wechat: WeChat, watch: Watch
) -> Accounts:
    settings, clock, sql, scripts, vault, index, rings, version, webhooks = ground
    outbox = webhooks.outbox
    store, applied = sessions.store, AppliedChanges(scripts)
    client, access_tokens = wechat.client, wechat.access_tokens
    configured = Credentials(settings.wx_appid, settings.wx_secret)
    resets = TokenResets(ground.sql, vault, access_tokens, clock)
    reset_task = BackgroundTask("token-resets", resets.run)
    configured_push = PushKeys(settings.wx_push_token, settings.wx_push_aes_key)
    push = PushKeyring(vault, clock, settings.wx_appid, configured_push)
    apps = Apps(db.session, version, vault, clock, configured, push, reset_task.schedule)
    users = Users(db.session, vault, index, clock, outbox, rings.known.require_checked)
    bans = Bans(db.session, store, clock, outbox)
    erasure = Erasure(db.session, store, rates, clock, outbox)
    record_refusal = _record_refusal(watch.recorder)
    return Accounts(
        apps=apps,
        app_access=AppAccess(db.session, apps, store, applied, clock),
        app_admin=AppAdmin(db.session, apps, push, client, access_tokens, clock, outbox),
        token_resets=resets,
        reset_task=reset_task,
        users=users,
        directory=UserDirectory(db.session, vault, index, clock, apps),
        user_keys=UserKeys(apps, users, sessions.keys, client, access_tokens, record_refusal),
        bans=bans,
        endings=Endings(db.session, store, clock),
        erasure=erasure,
        pushed=Pushed(db.session, users, erasure, outbox),
        # Its client needs no admission: it is what servers are admitted by.
        reconciliation=_reconciliation(settings, clock, sql, connect(settings.redis_url)),
        merging=Merging(db.session, vault, index, store, bans, clock),
        key_usage=KeyUsage(
            db.session,
            scripts.redis,
            clock,
            settings.secret_keys,
            settings.data_keys,
            settings.index_keys,
        ),
    )


def _record_refusal(recorder: Recorder) -> Callable[[ServiceError, str, str], str]:
    """Return a function that records an error of a user and app, and returns its code."""

    def record(error: ServiceError, user: str, app: str) -> str:
        code = entry_of(error).code
        recorder.refused(code, user=user, app=app)
        return code

    return record
