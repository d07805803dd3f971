"""What is shown of alerts."""

from __future__ import annotations

from sqlalchemy import select

from wxlogin.admin.schemas.alerts import AlertItem
from wxlogin.admin.service.times import iso_or_none, iso_time
from wxlogin.extensions import db
from wxlogin.models import Alert


def latest(most: int) -> list[AlertItem]:
    """So many alerts, newest first."""
    rows = db.session.scalars(select(Alert).order_by(Alert.id.desc()).limit(most))
    return [
        AlertItem(
            rule=row.rule,
            subject=row.subject,
            at=iso_time(row.at),
            delivered_at=iso_or_none(row.delivered_at),
        )
        for row in rows
    ]
