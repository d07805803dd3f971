"""The audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class AuditEntry(Base):
    """One entry of the chain: `mac` covers this row and the `mac` of the previous row.

    `number` counts from 1 without gaps. `outcome` is `intent` before an act, then `done`, `refused`
    or `failed` in a second row, whose `intent` is the number of the first.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "target", "id"),
        Index(None, "target", "at"),
        Index(None, "actor", "id"),
        Index(None, "act", "id"),
        Index(None, "outcome", "id"),
        Index(None, "at", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    number: Mapped[int] = mapped_column(RowId, unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(exact(80))
    act: Mapped[str] = mapped_column(exact(64))
    target: Mapped[str] = mapped_column(exact(80))
    outcome: Mapped[str] = mapped_column(exact(16))
    intent: Mapped[int | None] = mapped_column(RowId, index=True)
    reason: Mapped[str] = mapped_column(text(200))
    detail: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(exact(64))
    request_id: Mapped[str] = mapped_column(exact(64), index=True)
    key_id: Mapped[str] = mapped_column(exact(16))
    mac: Mapped[str] = mapped_column(exact(64))
