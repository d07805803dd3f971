"""Blind indexes: a keyed digest by which a sealed value can be found."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from wxlogin.settings.values import DataKey


class Indexed(NamedTuple):
    """The digest of a value (64 hex characters) and the id of its key."""

    key_id: str
    digest: str


class BlindIndex:
    """HMAC-SHA256 of a value and a purpose: a value has another digest for each purpose."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._keys = tuple(keys)
        self.newest = self._keys[0].id
        """The id of the key whose digests are stored."""

    def digests(self, value: str, purpose: str) -> list[Indexed]:
        """Return the digest under every key, newest first: store the first, search for all."""
        message = f"{purpose}\x00{value}".encode()
        return [
            Indexed(key.id, hmac.digest(key.key, message, "sha256").hex()) for key in self._keys
        ]
