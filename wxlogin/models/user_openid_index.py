"""The openids of users under every index key that was there when they first logged in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, exact


class UserOpenidIndex(Base):
    """The blind index of a user's openid under one key.

    A first login writes a row for each key of its ring. So two hosts whose newest keys differ make
    one user of one person: they have a key in common, and its row can be written once.
    """

    __tablename__ = "user_openid_index"
    __table_args__ = (UniqueConstraint("app_id", "openid_index"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    app_id: Mapped[int] = mapped_column(ForeignKey("app.id"))
    openid_index: Mapped[str] = mapped_column(exact(64))
    index_key: Mapped[str] = mapped_column(exact(16))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
