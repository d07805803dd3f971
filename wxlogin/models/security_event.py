"""Security events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact


class SecurityEvent(Base):
    """The events of one kind and subject in one minute; `count` is their number.

    `subject` is a user's public id, an address in the form that WXLOGIN_EVENT_IP sets, or an appid.
    `minute` is Unix time in minutes; `app` is empty for an event of no mini-program, and None where
    a program before this column wrote the row; `detail` is JSON of the fields of this kind.
    """

    __tablename__ = "security_event"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "minute"),
        Index(None, "user", "id"),
        Index(None, "user", "first_at"),
        Index(None, "kind", "id"),
        Index(None, "app", "id"),
        Index(None, "address", "id"),
        Index(None, "last_at", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(exact(40))
    subject: Mapped[str] = mapped_column(exact(64))
    minute: Mapped[int] = mapped_column()
    user: Mapped[str | None] = mapped_column(exact(22))
    app: Mapped[str | None] = mapped_column(exact(32))
    address: Mapped[str] = mapped_column(exact(64))
    request_id: Mapped[str] = mapped_column(exact(64), index=True)
    count: Mapped[int] = mapped_column()
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    detail: Mapped[str] = mapped_column(Text)
