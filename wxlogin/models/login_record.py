"""The history of logins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class LoginRecord(Base):
    """One login of a user: the time, the address and the device.

    `expires_at` is when its session expires if it is never used, `last_at` when it expires at the
    latest. Both, and the request's id, are None in the rows of older versions.
    """

    __tablename__ = "login_record"
    __table_args__ = (
        Index(None, "user_id", "at"),
        Index(None, "user_id", "expires_at"),
        Index(None, "ip", "at"),
        Index(None, "at", "user_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    session_id: Mapped[str] = mapped_column(exact(22), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(exact(45))
    platform: Mapped[str] = mapped_column(exact(16))
    device_name: Mapped[str] = mapped_column(text(64))
    region: Mapped[str | None] = mapped_column(text(64))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    request_id: Mapped[str | None] = mapped_column(exact(64), index=True)
