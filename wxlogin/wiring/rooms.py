"""The watch, the sessions and the client of WeChat, put together."""

from __future__ import annotations

from config import Settings
from wxlogin.accounts.live_ids import LiveIds
from wxlogin.clock import Clock
from wxlogin.error_mapping import outcome_of
from wxlogin.extensions import db
from wxlogin.services import (
    Sessions,
    Watch,
    WeChat,
)
from wxlogin.sessions import (
    CodeMarks,
    Nonces,
    SessionKeys,
    SessionStore,
    Tokens,
)
from wxlogin.sessions.ids import IdsWriter
from wxlogin.vault.assertions import Assertions
from wxlogin.watch.alert_history import AlertHistory
from wxlogin.watch.audit import Audit
from wxlogin.watch.audit_acts import AuditActs
from wxlogin.watch.audit_chain import AuditHead, Chain
from wxlogin.watch.certificate import CertificateWatch
from wxlogin.watch.lookup import Lookup
from wxlogin.watch.readiness import Readiness
from wxlogin.watch.recorder import build_recorder
from wxlogin.watch.regions import Regions
from wxlogin.watch.statistics import Statistics
from wxlogin.watch.timeline import Timeline
from wxlogin.watch.travel import LoginHistory
from wxlogin.wechat import (
    AccessTokens,
    ClockDifference,
    Transport,
    WeChatClient,
)
from wxlogin.wechat.push_marks import PushMarks
from wxlogin.wiring.ground import Ground, session_rules


def build_watch(ground: Ground, clocks: ClockDifference) -> Watch:
    """Put the watch together."""
    settings, clock, sql, scripts, _, index, rings, _, webhooks = ground
    chain = Chain(settings.data_keys, rings.known.audit_keys)
    recorder = build_recorder(sql, db.session, scripts, index, settings, clock, webhooks)
    return Watch(
        recorder=recorder,
        timeline=Timeline(db.session, recorder.left, clock),
        lookup=Lookup(db.session, recorder.addresses),
        acts=AuditActs(db.session),
        alert_history=AlertHistory(db.session, clock),
        audit=Audit(sql, db.session, chain, AuditHead(scripts, chain), clock, outcome_of),
        statistics=Statistics(db.session, sql, scripts.redis, clock, settings.timezone),
        regions=Regions(settings.ip_region_db),
        login_history=LoginHistory(db.session),
        readiness=Readiness(scripts, sql, clocks.describe),
        certificate=CertificateWatch(scripts.redis, settings.public_url, clock, recorder.record),
    )


def build_sessions(ground: Ground, watch: Watch) -> Sessions:
    """Put the sessions together."""
    settings, clock, sql, scripts, vault, index, rings, *_ = ground
    rules, live_ids = session_rules(settings), LiveIds(sql, IdsWriter(scripts, clock))
    store = SessionStore(scripts, clock, *rules, watch.recorder.unknown_record, live_ids.add)
    store.on_ended = watch.recorder.sessions_ended
    store.on_signed_out = watch.recorder.signed_out
    return Sessions(
        store=store,
        live_ids=live_ids,
        tokens=Tokens(settings.secret_keys, is_elsewhere=rings.hosts.signs_elsewhere),
        keys=SessionKeys(scripts, vault, index, clock, settings.session_key_ttl),
        codes=CodeMarks(scripts),
        nonces=Nonces(scripts),
        assertions=_assertions(settings, clock),
    )


def _assertions(settings: Settings, clock: Clock) -> Assertions | None:
    if not settings.assertion_keys:
        return None
    issuer = settings.public_url or "wxlogin"
    return Assertions(settings.assertion_keys, issuer, settings.assertion_audience, clock)


def build_wechat(ground: Ground, clocks: ClockDifference) -> WeChat:
    """Put the client of WeChat together."""
    settings, clock, _, scripts, vault, *_ = ground
    base, timeout, proxy = settings.wx_api_base, settings.wx_timeout, settings.wx_proxy
    most, observe = settings.wx_concurrency, clocks.observe
    client = WeChatClient(
        Transport(base, timeout, clock, most, proxy=proxy, observe_date=observe),
        clock,
        ground.rings.last_answers,
    )
    advice = WeChatClient(Transport(base, timeout, clock, most, proxy=proxy), clock)
    tokens = AccessTokens(scripts, vault, client, clock)
    return WeChat(client, tokens, PushMarks(scripts, 2 * settings.push_max_age), advice)
