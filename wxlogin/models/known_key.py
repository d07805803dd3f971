"""The keys that were ever used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, Sealed, UtcDateTime, exact


class KnownKey(Base):
    """A key of the settings (`data`, `index` or `signing`), by its id and a check value.

    `audit_key_sealed` is the key of the audit trail that belongs to a data key, in hex: it outlives
    the data key, which can so leave the settings. `used_at` is when the key was last the newest of
    a running worker. `unneeded_at`: no row needed the key then; `given_up_at`: an operator said
    that it is lost.
    """

    __tablename__ = "known_key"
    __table_args__ = (UniqueConstraint("kind", "key_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(exact(8))
    key_id: Mapped[str] = mapped_column(exact(16))
    check_value: Mapped[str] = mapped_column(exact(64))
    audit_key_sealed: Mapped[str | None] = mapped_column(Sealed("key_id", urgent=True))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unneeded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
