"""Those who operate the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import UtcDateTime, exact


class Admin(Base):
    """An operator's account.

    `totp_sealed` is set from the first step of enrolment; `totp_since` once a code confirmed it.
    `totp_step` is the last time step whose code was taken: a code is good once.
    `recovery_codes` are hashes, space-separated; each is good once.
    """

    __tablename__ = "admin"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    name: Mapped[str] = mapped_column(exact(64), unique=True)
    role: Mapped[str] = mapped_column(exact(16))
    password_hash: Mapped[str] = mapped_column(Text)
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
