"""Mini-programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import UtcDateTime, exact, text


class App(Base):
    """A mini-program that users sign in to; its AppSecret and its push keys are sealed."""

    __tablename__ = "app"

    id: Mapped[int] = mapped_column(primary_key=True)
    appid: Mapped[str] = mapped_column(exact(32), unique=True)
    name: Mapped[str] = mapped_column(text(64))
    secret_sealed: Mapped[str] = mapped_column(Text)
    push_token_sealed: Mapped[str | None] = mapped_column(Text)
    push_aes_key_sealed: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(exact(16), default="active")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
