"""The columns of imported users: sealed, with their blind indexes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, func

from wxlogin.accounts.apps import MiniProgram
from wxlogin.accounts.blind_indexes import (
    PHONE,
    UNIONID,
    aad,
    indexed_phone,
    openid_purpose,
    under_row_key,
)
from wxlogin.accounts.import_plan import Change
from wxlogin.accounts.import_rows import ImportRow
from wxlogin.accounts.update_expressions import next_version
from wxlogin.models import User
from wxlogin.sessions.tokens import new_public_id
from wxlogin.vault import BlindIndex, Indexed, Vault


class Sealing:
    """Seals and indexes what an import says."""

    def __init__(self, vault: Vault, index: BlindIndex) -> None:
        self._vault = vault
        self._index = index

    def openid_digests(self, app: MiniProgram, row: ImportRow) -> list[Indexed]:
        """Return the digests of the openid under every key, newest first."""
        return self._index.digests(row.openid, openid_purpose(app.appid))

    def openids(self, app: MiniProgram, row: ImportRow) -> list[str]:
        """Return the digests of the openid alone."""
        return [one.digest for one in self.openid_digests(app, row)]

    def unionids(self, row: ImportRow) -> list[str]:
        """Return the digests of the unionid, none without one."""
        if row.unionid is None:
            return []
        return [one.digest for one in self._index.digests(row.unionid, UNIONID)]

    def new_user(
        self, app: MiniProgram, row: ImportRow, persons: Mapping[str, str], now: datetime
    ) -> dict[str, Any]:
        """Return all columns of a new user; `persons` are those known, by digest of the unionid."""
        public_id, digests, unionids = new_public_id(), self.openids(app, row), self.unionids(row)
        person = next((persons[one] for one in unionids if one in persons), None)
        return {
            "public_id": public_id,
            "app_id": app.id,
            "openid_sealed": self._seal("openid_sealed", public_id, row.openid),
            "openid_index": digests[0],
            "index_key": self._index.newest,
            "unionid_sealed": self._seal("unionid_sealed", public_id, row.unionid),
            "unionid_index": unionids[0] if unionids else None,
            "phone_sealed": self._seal("phone_sealed", public_id, _json(row.phone)),
            "phone_index": self._phone_digests(row.phone)[0].digest if row.phone else None,
            "profile_sealed": self._seal("profile_sealed", public_id, _json(row.profile)),
            "person": person or new_public_id(),
            "external_id": row.external_id,
            "created_at": row.created_at or now,
            "last_login_at": row.created_at or now,
        }

    def changed_columns(self, change: Change) -> dict[str, Any]:
        """Return the columns of a change but the unionid, which joins persons.

        Each keeps what is in the row by then: a user or a service may have written since the plan
        was made, and that is newer than the file.
        """
        columns: dict[str, Any] = {}
        public_id = change.user.public_id
        if change.external_id:
            columns["external_id"] = func.coalesce(User.external_id, change.external_id)
            columns["ids_version"] = next_version(User.ids_version)
        if change.phone:
            sealed = self._seal("phone_sealed", public_id, _json(change.phone))
            index = under_row_key(self._phone_digests(change.phone))
            columns["phone_sealed"] = func.coalesce(User.phone_sealed, sealed)
            columns["phone_index"] = func.coalesce(User.phone_index, index)
        if change.profile:
            sealed = self._seal("profile_sealed", public_id, _json(change.profile))
            columns["profile_sealed"] = func.coalesce(User.profile_sealed, sealed)
        if change.created_at:
            earlier = User.created_at > change.created_at, change.created_at
            columns["created_at"] = case(earlier, else_=User.created_at)
        return columns

    def _phone_digests(self, phone: Mapping[str, str]) -> list[Indexed]:
        return self._index.digests(indexed_phone(phone), PHONE)

    def _seal(self, column: str, public_id: str, clear: str | None) -> str | None:
        return self._vault.seal(clear, aad(column, public_id)) if clear else None


def _json(value: Mapping[str, str] | None) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None
