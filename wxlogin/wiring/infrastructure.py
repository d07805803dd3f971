"""What all services are built from: settings, clock, stores, keys."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine

from config import Settings
from wxlogin import limits, operators, scan_store, sessions, watch, wechat
from wxlogin.accounts import (
    Reconciliation,
)
from wxlogin.accounts.applied_changes import AppliedChanges
from wxlogin.clock import Clock
from wxlogin.keyring import Hosts, KnownKeys, rings_of
from wxlogin.outbox import Webhooks
from wxlogin.redisdb import ReconciledServers, Scripts, connect
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.sessions import (
    DevicePolicy,
    Lifetimes,
    SessionStore,
)
from wxlogin.vault import BlindIndex, Vault
from wxlogin.version import VERSION
from wxlogin.wechat.last_answers import LastAnswers

SCRIPT_FOLDERS = (
    limits.LUA,
    sessions.LUA,
    sessions.SLOT_LUA,
    scan_store.LUA,
    operators.LUA,
    watch.LUA,
    wechat.LUA,
)
"""The Lua scripts of all packages."""


class Rings(NamedTuple):
    """What knows the keys, before anything uses them, and what the hosts note besides."""

    known: KnownKeys
    hosts: Hosts
    last_answers: LastAnswers


class Infrastructure(NamedTuple):
    """What all services are built from; `single` is the engine for single statements."""

    settings: Settings
    clock: Clock
    sql: Engine
    single: Engine
    scripts: Scripts
    vault: Vault
    blind_index: BlindIndex
    rings: Rings
    version: SharedVersion
    webhooks: Webhooks


def build_rings(
    settings: Settings, clock: Clock, sql: Engine, scripts: Scripts, vault: Vault
) -> Rings:
    """Return what knows the keys."""
    rings = rings_of(settings)
    known = KnownKeys(sql, rings, vault, clock)
    answers = LastAnswers(clock)
    hosts = Hosts(scripts, rings.ids(), VERSION, clock, known.note_use, answers.all)
    return Rings(known, hosts, answers)


def build_reconciled_servers(settings: Settings, clock: Clock, sql: Engine) -> ReconciledServers:
    """Return what has servers of Redis reconciled, by connections of its own."""

    def reconcile(client: Server) -> None:
        build_reconciliation(settings, clock, sql, client).run_whole()

    return ReconciledServers(partial(connect, settings.redis_url), reconcile)


def build_reconciliation(
    settings: Settings, clock: Clock, sql: Engine, client: Server
) -> Reconciliation:
    """Return a reconciliation that waits for no replica: after a failover there may be none."""
    scripts = Scripts(client, SCRIPT_FOLDERS)
    store = SessionStore(scripts, clock, *session_rules(settings))
    return Reconciliation(sql, store, AppliedChanges(scripts), clock)


def session_rules(settings: Settings) -> tuple[Lifetimes, DevicePolicy]:
    """Return how long sessions live, and how many a user has."""
    lifetimes = Lifetimes(settings.session_idle_ttl, settings.session_max_age)
    devices = DevicePolicy(
        settings.single_device_login, settings.max_devices, settings.device_overflow
    )
    return lifetimes, devices
