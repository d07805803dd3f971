"""Endpoints of a team's own systems, which webhooks are sent to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import Sealed, UtcDateTime, exact


class WebhookEndpoint(Base):
    """An endpoint; `events` are types separated by spaces, `apps` appids or None for all.

    Both secrets are sealed. The previous one signs too until `previous_until`. `failing_since` is
    the time of the first failure since the last success; `paused_at` is set if that went on for so
    long that the program disabled the endpoint.
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(Text)
    apps: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column()
    secret_sealed: Mapped[str] = mapped_column(Sealed("public_id", urgent=True))
    previous_sealed: Mapped[str | None] = mapped_column(Sealed("public_id", urgent=True))
    previous_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(exact(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
