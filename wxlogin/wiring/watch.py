"""Events, alerts and the audit trail, put together."""

from __future__ import annotations

from wxlogin.error_mapping import outcome_of
from wxlogin.extensions import db
from wxlogin.services import Watch
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
from wxlogin.wechat import ClockDifference
from wxlogin.wiring.infrastructure import Infrastructure


def build_watch(infra: Infrastructure, clocks: ClockDifference) -> Watch:
    """Put the watch together."""
    settings, clock, sql, single, scripts, _, index, rings, _, webhooks = infra
    chain = Chain(settings.data_keys, rings.known.audit_keys)
    recorder = build_recorder(sql, db.session, scripts, index, settings, clock, webhooks)
    return Watch(
        recorder=recorder,
        timeline=Timeline(db.session, recorder.end_sweeper, clock),
        lookup=Lookup(db.session, recorder.addresses),
        acts=AuditActs(db.session),
        alert_history=AlertHistory(db.session, clock),
        audit=Audit(sql, db.session, chain, AuditHead(scripts, chain), clock, outcome_of),
        statistics=Statistics(db.session, sql, scripts.redis, clock, settings.timezone),
        regions=Regions(settings.ip_region_db),
        login_history=LoginHistory(single),
        readiness=Readiness(scripts, sql, db.session.rollback, clocks.describe),
        certificate=CertificateWatch(scripts.redis, settings.public_url, clock, recorder.record),
    )
