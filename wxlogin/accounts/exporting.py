"""Exports the users of a mini-program in batches, in the form in which they are imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, select

from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.blind_indexes import aad
from wxlogin.accounts.phone_numbers import written_phone
from wxlogin.models import User
from wxlogin.vault import Vault

BATCH = 500


class Exported(NamedTuple):
    """A user in the fields of an import; `unreadable` are those that no key opens."""

    fields: dict[str, str | None]
    unreadable: tuple[str, ...]


class Exporting:
    """Exports users."""

    def __init__(self, sql: Engine, vault: Vault) -> None:
        self._sql = sql
        self._vault = vault

    def run(self, app: MiniProgram) -> Iterator[list[Exported]]:
        """Yield the users of a mini-program in batches, the oldest row first, decrypted."""
        last = 0
        while rows := self._rows(app, last):
            last = rows[-1].id
            yield [self._opened(row) for row in rows]

    def _rows(self, app: MiniProgram, last: int) -> list[Row[Any]]:
        columns = (
            User.id,
            User.public_id,
            User.openid_sealed,
            User.unionid_sealed,
            User.phone_sealed,
            User.profile_sealed,
            User.external_id,
            User.created_at,
        )
        users = select(*columns).where(User.app_id == app.id, User.id > last)
        with self._sql.connect() as connection:
            return list(connection.execute(users.order_by(User.id).limit(BATCH)))

    def _opened(self, row: Row[Any]) -> Exported:
        sealed = ("openid", "unionid", "phone", "profile")
        clear = {name: self._open(row, f"{name}_sealed") for name in sealed}
        profile = json.loads(clear["profile"] or "{}")
        fields = {
            "openid": clear["openid"],
            "unionid": clear["unionid"],
            "phone": written_phone(json.loads(clear["phone"])) if clear["phone"] else None,
            "external_id": row.external_id,
            "nickname": profile.get("nickName") or None,
            "avatar_url": profile.get("avatarUrl") or None,
            "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        unreadable = [
            name for name in sealed if getattr(row, f"{name}_sealed") and clear[name] is None
        ]
        return Exported(fields, tuple(unreadable))

    def _open(self, row: Row[Any], column: str) -> str | None:
        sealed = getattr(row, column)
        return self._vault.open_or_none(sealed, aad(column, row.public_id)) if sealed else None
