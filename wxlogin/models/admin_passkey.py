"""Passkeys of admins (WebAuthn)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, UtcDateTime, exact, text


class AdminPasskey(Base):
    """A public key that signs an admin in beside the password; it is no secret.

    `credential_id` and `public_key` (COSE) are base64url. `sign_count` is the authenticator's own
    count at its last use, 0 for one that does not count.
    """

    __tablename__ = "admin_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admin.id"), index=True)
    name: Mapped[str] = mapped_column(text(64))
    credential_id: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(RowId, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
