"""The outbox: what happened and has to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact


class WebhookEvent(Base):
    """An event, written in the transaction of what it tells; `body` is sent as it stands.

    `due_at` is the time at which it becomes deliveries, one for each endpoint that wants it; None
    once that is done. A worker that works on it moves `due_at` ahead and writes its `lease`. An
    event with a `session` is told only if that session was created: Redis says so. `at_ms` is when
    it happened, in Unix ms: events of one user are told in that order, whenever they were written.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (Index(None, "user", "due_at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(32), unique=True)
    type: Mapped[str] = mapped_column(exact(40))
    user: Mapped[str | None] = mapped_column(exact(22))
    app: Mapped[str | None] = mapped_column(exact(32))
    session: Mapped[str | None] = mapped_column(exact(22), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    at_ms: Mapped[int | None] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    lease: Mapped[str | None] = mapped_column(exact(22))
