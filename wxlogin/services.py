"""The services of one app by package, and the way views reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app
from redis import Redis
from werkzeug.local import LocalProxy

from config import Settings
from wxlogin.accounts import (
    AppAccess,
    AppAdmin,
    Apps,
    Bans,
    Erasure,
    FirstLogins,
    KeyUsage,
    PhoneNumberUsage,
    Reconciliation,
    SessionRevocation,
    TokenResets,
    UserDirectory,
    UserKeys,
    Users,
)
from wxlogin.accounts.avatars import Avatars
from wxlogin.accounts.duplicates import Merging
from wxlogin.accounts.external_ids import ExternalIds
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.accounts.login_records import LoginRecords
from wxlogin.accounts.nickname_checks import NicknameChecks
from wxlogin.accounts.personal_data import PersonalData
from wxlogin.accounts.persons import Persons
from wxlogin.accounts.profiles import Profiles
from wxlogin.accounts.push_effects import PushEffects
from wxlogin.accounts.user_files import UserFiles
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.doctor.consulting import Doctor
from wxlogin.keyring import Compromise, Hosts, KnownKeys, Rotation
from wxlogin.keyring.report import Reports
from wxlogin.limits.failures import Failures
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.operators import Operators
from wxlogin.outbox import Webhooks
from wxlogin.scan_store import Pictures, ScanStore
from wxlogin.sessions import (
    CodeMarks,
    Nonces,
    SessionKeys,
    SessionStore,
    Tokens,
)
from wxlogin.vault.assertions import Assertions
from wxlogin.watch.alert_history import AlertHistory
from wxlogin.watch.audit import Audit
from wxlogin.watch.audit_acts import AuditActs
from wxlogin.watch.certificate import CertificateWatch
from wxlogin.watch.lookup import Lookup
from wxlogin.watch.readiness import Readiness
from wxlogin.watch.recorder import Recorder
from wxlogin.watch.regions import Regions
from wxlogin.watch.statistics import Statistics
from wxlogin.watch.timeline import Timeline
from wxlogin.watch.travel import LoginHistory
from wxlogin.wechat import (
    AccessTokens,
    WeChatClient,
)
from wxlogin.wechat.push_marks import PushMarks


@dataclass(frozen=True)
class Limits:
    """Rate limits, and failures by address."""

    rates: RateLimits
    failures: Failures


@dataclass(frozen=True)
class Sessions:
    """Sessions of users and what belongs to them, in Redis."""

    store: SessionStore
    tokens: Tokens
    keys: SessionKeys
    codes: CodeMarks
    nonces: Nonces
    assertions: Assertions | None
    """None where no key for them is set."""
    id_propagation: IdPropagation


@dataclass(frozen=True)
class Scans:
    """Scans with which browsers are signed in, in Redis, and their pictures."""

    store: ScanStore
    pictures: Pictures


@dataclass(frozen=True)
class WeChat:
    """WeChat's server API."""

    client: WeChatClient
    access_tokens: AccessTokens
    push_marks: PushMarks
    advice: WeChatClient
    """For what a login can do without; with a circuit of its own."""


@dataclass(frozen=True)
class Accounts:
    """Mini-programs and users, in SQL."""

    apps: Apps
    app_admin: AppAdmin
    token_resets: TokenResets
    reset_task: BackgroundTask
    app_access: AppAccess
    users: Users
    login_records: LoginRecords
    first_logins: FirstLogins
    persons: Persons
    external_ids: ExternalIds
    user_files: UserFiles
    directory: UserDirectory
    avatars: Avatars
    phone_calls: PhoneNumberUsage
    user_keys: UserKeys
    profiles: Profiles
    nickname_checks: NicknameChecks
    personal_data: PersonalData
    bans: Bans
    push_effects: PushEffects
    session_revocation: SessionRevocation
    erasure: Erasure
    reconciliation: Reconciliation
    merging: Merging
    key_usage: KeyUsage


@dataclass(frozen=True)
class Watch:
    """Security events, the audit trail, timelines, statistics, regions, readiness."""

    recorder: Recorder
    audit: Audit
    acts: AuditActs
    alert_history: AlertHistory
    statistics: Statistics
    regions: Regions
    login_history: LoginHistory
    timeline: Timeline
    lookup: Lookup
    readiness: Readiness
    certificate: CertificateWatch


@dataclass(frozen=True)
class Keyring:
    """The keys of the settings, over time and over hosts."""

    known: KnownKeys
    hosts: Hosts
    rotation: Rotation
    compromise: Compromise
    reports: Reports


@dataclass(frozen=True)
class Services:
    """All services of an app, by package; none of them knows Flask."""

    settings: Settings
    clock: Clock
    redis: Redis
    limits: Limits
    sessions: Sessions
    scans: Scans
    wechat: WeChat
    accounts: Accounts
    watch: Watch
    operators: Operators
    keyring: Keyring
    doctor: Doctor
    webhooks: Webhooks


def current_services() -> Services:
    """Return the services of the current app."""
    return cast("Services", current_app.extensions["wxlogin"])


services = cast("Services", LocalProxy(current_services))
