"""Erased users: that they were erased, and nothing else of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact


class ErasedUser(Base):
    """The random public id of a user who was erased: old copies of Redis may have sessions."""

    __tablename__ = "erased_user"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
