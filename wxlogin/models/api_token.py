"""API tokens of other services."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import UtcDateTime, exact, text


class ApiToken(Base):
    """An API token (`wxa_`): only its digest, since the token itself is shown once and not stored.

    `scopes`, `apps` and `networks` are space-separated; without apps or networks the token is good
    for all. `made_by` is the name of the admin, or `cli`. The token ends with the account of its
    `keeper`, who took it over; without one, of who made it.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    scopes: Mapped[str] = mapped_column(exact(64))
    digest: Mapped[str] = mapped_column(exact(64), unique=True)
    apps: Mapped[str | None] = mapped_column(Text)
    networks: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(exact(64))
    keeper: Mapped[str | None] = mapped_column(exact(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
