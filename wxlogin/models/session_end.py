"""How sessions ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class SessionEnd(Base):
    """The end of one session, unless it expired: why, by whom, and the reason that was given.

    `by` is an actor of the audit trail, or the id of the user's session whose login or sign-out
    ended this one. Who looks for a session that expired finds its LoginRecord and no row here.
    """

    __tablename__ = "session_end"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    session_id: Mapped[str] = mapped_column(exact(22), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    why: Mapped[str] = mapped_column(exact(16))
    by: Mapped[str] = mapped_column(exact(80))
    reason: Mapped[str] = mapped_column(text(200))
    request_id: Mapped[str] = mapped_column(exact(64), index=True)
