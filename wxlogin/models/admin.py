"""Admins: the users of the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import Sealed, UtcDateTime, exact


class Admin(Base):
    """An admin's account.

    `totp_sealed` and `totp_since` are set once a code has confirmed the second factor. `totp_step`
    is the time step of the last accepted code, so that each code works once. `recovery_codes` are
    digests, separated by spaces; each works once. `passkey_since` is set
    while the admin has passkeys. `wrong_codes` counts consecutive wrong codes that
    came with the right password; after some of them no sign-in is possible before `locked_until`.
    Who was invited has an `invitation_digest` until they accept, by `invitation_until`, and no
    password before. With `must_change_password` somebody else knows the password: nothing is
    allowed before it is replaced.
    """

    __tablename__ = "admin"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    name: Mapped[str] = mapped_column(exact(64), unique=True)
    role: Mapped[str] = mapped_column(exact(16))
    password_hash: Mapped[str] = mapped_column(Text)
    totp_sealed: Mapped[str | None] = mapped_column(Sealed("public_id", urgent=True))
    totp_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    passkey_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[str] = mapped_column(Text, default="")
    wrong_codes: Mapped[int | None]
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invitation_digest: Mapped[str | None] = mapped_column(exact(64), index=True)
    invitation_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool | None]
