"""Mini-programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import Sealed, UtcDateTime, exact, text


class App(Base):
    """A mini-program that users sign in to; its AppSecret and its other keys are sealed.

    The push keys before the current ones stay good for an hour after `push_replaced_at`.
    `token_reset_at` is when the second forced refresh of its access_token is due.
    `version` counts how often it was disabled or enabled. Sessions of its users that began at or
    before `void_before`, in Unix ms, have ended. A scan opens `scan_page` in `scan_version`.
    """

    __tablename__ = "app"

    id: Mapped[int] = mapped_column(primary_key=True)
    appid: Mapped[str] = mapped_column(exact(32), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    secret_sealed: Mapped[str] = mapped_column(Sealed("appid", urgent=True))
    push_token_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    push_aes_key_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    push_token_before_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    push_aes_key_before_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    push_replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pay_key_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    pay_key_sandbox_sealed: Mapped[str | None] = mapped_column(Sealed("appid", urgent=True))
    status: Mapped[str] = mapped_column(exact(16), default="active")
    version: Mapped[int | None] = mapped_column()
    void_before: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token_reset_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scan_page: Mapped[str | None] = mapped_column(exact(128))
    scan_version: Mapped[str | None] = mapped_column(exact(16))
    scan_check_path: Mapped[bool | None] = mapped_column()
