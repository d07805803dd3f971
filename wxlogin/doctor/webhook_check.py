"""Webhooks: the one for alerts answers, and those of the team's systems are reached and accept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from wxlogin.clock import utc_now
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import watch as kinds
from wxlogin.local_time import offset_name
from wxlogin.outbox.addresses import url_fault
from wxlogin.outbox.health import Health, read_health, unsent_since
from wxlogin.outbox.sender import reach
from wxlogin.watch.webhook import Webhook, receiver_of

LONG = timedelta(hours=1)
"""An endpoint that fails for longer was not just being restarted."""
MOST_CONNECTIONS = 20
"""How many endpoints are connected to."""
AT_ONCE = 10


def check_webhook(installation: Installation) -> list[Finding]:
    """Try the webhook of the alerts out; no message is sent."""
    if not installation.settings.alert_webhook:
        return [] if installation.settings.alert_email else [kinds.NO_WEBHOOK.found()]
    receiver, unrestricted = receiver_of(installation.settings), _is_unrestricted(installation)
    wrong = Webhook(receiver, installation.clock, unrestricted=unrestricted).try_out()
    return [kinds.WEBHOOK_SILENT.found(reason=wrong)] if wrong else []


def check_endpoints(installation: Installation) -> list[Finding]:
    """Look at how deliveries to each endpoint ended, and connect to it; nothing is sent."""
    try:
        with installation.sql.connect() as connection:
            endpoints = read_health(connection)
            unsent = unsent_since(connection, utc_now(installation.clock))
    except SQLAlchemyError as error:
        return [kinds.ENDPOINTS_UNREAD.found(error=type(error).__name__)]
    found = [finding for one in endpoints for finding in _health(installation, one)]
    found += _unreachable(installation, [one for one in endpoints if one.enabled])
    if unsent:
        minutes = int((utc_now(installation.clock) - unsent).total_seconds()) // 60
        found.append(kinds.UNSENT.found(minutes=minutes))
    return found


def _health(installation: Installation, one: Health) -> Iterator[Finding]:
    if one.paused_at:
        at = _time(installation, one.paused_at)
        yield kinds.ENDPOINT_PAUSED.found(webhook=one.id, host=one.host, at=at, fault=one.fault)
    elif one.enabled and one.failing_since:
        long = utc_now(installation.clock) - one.failing_since > LONG
        kind = kinds.ENDPOINT_FAILS if long else kinds.ENDPOINT_FAILED
        since = _time(installation, one.failing_since)
        yield kind.found(webhook=one.id, host=one.host, since=since, fault=one.fault)


def _unreachable(installation: Installation, endpoints: list[Health]) -> Iterator[Finding]:
    """Yield the endpoints that cannot be connected to as a delivery would."""
    unrestricted = _is_unrestricted(installation)

    def fault(one: Health) -> str:
        return url_fault(one.url, unrestricted=unrestricted) or reach(
            one.url, unrestricted=unrestricted
        )

    tried = endpoints[:MOST_CONNECTIONS]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, wrong in zip(tried, pool.map(fault, tried), strict=True):
            if wrong:
                yield kinds.ENDPOINT_UNREACHABLE.found(webhook=one.id, host=one.host, reason=wrong)


def _is_unrestricted(installation: Installation) -> bool:
    """Return whether plain http and addresses that are not public are allowed, as for a post."""
    return installation.settings.webhook_private or not installation.settings.production


def _time(installation: Installation, at: datetime) -> str:
    local = at.astimezone(installation.settings.timezone)
    return f"{local:%Y-%m-%d %H:%M} {offset_name(local)}"
