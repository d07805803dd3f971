"""API tokens of other services."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import UtcDateTime, exact, text


class ApiToken(Base):
    """A token (`wxa_`) by the digest of it; the token itself was shown once and is kept nowhere.

    `scopes` are space-separated; `made_by` is the name of the admin, or `cli`.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    scopes: Mapped[str] = mapped_column(exact(64))
    digest: Mapped[str] = mapped_column(exact(64), unique=True)
    made_by: Mapped[str] = mapped_column(exact(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
