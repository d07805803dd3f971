"""Deliveries of events to endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact

State = Literal["pending", "delivered", "failed"]


class WebhookDelivery(Base):
    """One event for one endpoint; its user and time stand here too, for the order and the purge.

    `next_at` is the time of the next attempt; None once it was delivered, or else has failed. A
    worker that makes an attempt moves `next_at` ahead and writes its `lease`. `began_at` is the
    time from which the retries are counted. `status_code` and `fault` are of the last attempt.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "endpoint_id"),
        Index(None, "endpoint_id", "id"),
        Index(None, "endpoint_id", "next_at"),
        Index(None, "endpoint_id", "user", "next_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    event_id: Mapped[int] = mapped_column(RowId)
    endpoint_id: Mapped[int] = mapped_column()
    user: Mapped[str | None] = mapped_column(exact(22), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(exact(22))
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None] = mapped_column()
    fault: Mapped[str | None] = mapped_column(exact(80))
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def state(self) -> State:
        """How it stands."""
        if self.next_at:
            return "pending"
        return "delivered" if self.delivered_at else "failed"
