"""Users: one per person and mini-program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class User(Base):
    """A person as one mini-program knows them; found by the blind index of the openid.

    `public_id` is random, is the tag of the user's keys in Redis, and is all that callers see.
    `unionid_index` links the users of one person in several mini-programs. Who has a `ban_reason`
    is banned, until `banned_until` where that is set.
    """

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("app_id", "openid_index"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    app_id: Mapped[int] = mapped_column(ForeignKey("app.id"))
    openid_sealed: Mapped[str] = mapped_column(Text)
    openid_index: Mapped[str] = mapped_column(exact(64))
    index_key: Mapped[str] = mapped_column(exact(16))
    unionid_sealed: Mapped[str | None] = mapped_column(Text)
    unionid_index: Mapped[str | None] = mapped_column(exact(64), index=True)
    phone_sealed: Mapped[str | None] = mapped_column(Text)
    phone_index: Mapped[str | None] = mapped_column(exact(64), index=True)
    profile_sealed: Mapped[str | None] = mapped_column(Text)
    ban_reason: Mapped[str | None] = mapped_column(text(200))
    banned_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime] = mapped_column(UtcDateTime)
