"""Alerts, until they are delivered and afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class Alert(Base):
    """An alert of a rule; each rule and subject has at most one per hour (Unix time in hours).

    `next_at` is the time of the next delivery attempt; None once it was delivered or abandoned.
    `delivered_at` is when all had taken it, or those that did not were given up and others took it.
    `taken_by` names the channels that took a message which others have not taken yet. `seen_at` is
    when the rule last fired. At `quiet_at` the alert is over unless it fires again; `over_at` is
    when that was told.
    An alert without `acknowledged_at` is open. `acknowledged_by` is who acknowledged it, as the
    audit trail names them.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("rule", "subject", "hour"),
        Index(None, "rule", "hour", "subject"),
        Index(None, "acknowledged_at", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    rule: Mapped[str] = mapped_column(exact(40))
    subject: Mapped[str] = mapped_column(exact(64), index=True)
    hour: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    detail: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_by: Mapped[str | None] = mapped_column(exact(32))
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quiet_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(exact(80))
    note: Mapped[str | None] = mapped_column(text(200))
