"""Alerts, until they are delivered and afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact


class Alert(Base):
    """A rule that fired: one a subject and hour (Unix time in hours).

    `next_at` is when it is posted next; none once it is delivered or given up.
    """

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("rule", "subject", "hour"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    rule: Mapped[str] = mapped_column(exact(40))
    subject: Mapped[str] = mapped_column(exact(64))
    hour: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    detail: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
