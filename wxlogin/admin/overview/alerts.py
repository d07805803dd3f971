"""The latest alerts."""

from __future__ import annotations

from wxlogin.admin.overview.schemas import AlertItem
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.watch.alerts import Alerts


def list_latest(alerts: Alerts, limit: int) -> list[AlertItem]:
    """Return up to `limit` alerts, newest first."""
    return [
        AlertItem(
            rule=row.rule,
            subject=row.subject,
            at=iso_time(row.at),
            delivered_at=iso_or_none(row.delivered_at),
        )
        for row in alerts.latest(limit)
    ]
