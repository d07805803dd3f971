"""Users: one per person and mini-program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wxlogin.extensions import Base
from wxlogin.models.types import RowId, Sealed, UtcDateTime, exact, text


class User(Base):
    """A user of one mini-program, found by the blind index of the openid.

    `public_id` is random, stands in the user's keys in Redis, and is the only id that callers see.
    `index_key` is the id of the key of the row's three blind indexes. `person` is a random id
    that all users of one person have, in several mini-programs: those with one `unionid_index`. It
    is None where an older version created the user, until the next login. `external_id` is the
    team's own id of the user; `ids_version` counts changes of these two ids. `kept_apart` is True
    where an operator unlinked the user from their person: nothing joins them again. `phone_told` is
    True where WeChat itself told the phone number, for a code. With
    `nickname_unchecked` WeChat could not check the nickname when it was stored, and is asked after
    the next login. A user with a `ban_reason` is banned: until `banned_until`, or for ever if that
    is None. `ban_version` counts bans and their ends. Sessions that began at or before
    `void_before`, in Unix ms, have ended. `risk_rank` is WeChat's at the first login, 0 to 4, None
    if it is not known.
    """

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("app_id", "openid_index"),
        Index(None, "app_id", "external_id", unique=True),
        Index(None, "app_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(exact(22), unique=True)
    app_id: Mapped[int] = mapped_column(ForeignKey("app.id"))
    openid_sealed: Mapped[str] = mapped_column(Sealed("public_id"))
    openid_index: Mapped[str] = mapped_column(exact(64))
    index_key: Mapped[str] = mapped_column(exact(16))
    unionid_sealed: Mapped[str | None] = mapped_column(Sealed("public_id"))
    unionid_index: Mapped[str | None] = mapped_column(exact(64), index=True)
    phone_sealed: Mapped[str | None] = mapped_column(Sealed("public_id"))
    phone_index: Mapped[str | None] = mapped_column(exact(64), index=True)
    phone_told: Mapped[bool | None] = mapped_column()
    profile_sealed: Mapped[str | None] = mapped_column(Sealed("public_id"))
    nickname_unchecked: Mapped[bool | None] = mapped_column()
    person: Mapped[str | None] = mapped_column(exact(22), index=True)
    kept_apart: Mapped[bool | None] = mapped_column()
    external_id: Mapped[str | None] = mapped_column(exact(64))
    ids_version: Mapped[int | None] = mapped_column()
    ban_reason: Mapped[str | None] = mapped_column(text(200), index=True)
    banned_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ban_version: Mapped[int | None] = mapped_column()
    void_before: Mapped[int | None] = mapped_column(BigInteger, index=True)
    risk_rank: Mapped[int | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_login_at: Mapped[datetime] = mapped_column(UtcDateTime)
