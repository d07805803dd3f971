"""Blind indexes: a keyed digest by which a sealed value can be found, and by nothing else."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from config_values import DataKey


class Indexed(NamedTuple):
    """One value's digest (64 hex characters) and the id of the key that made it."""

    key_id: str
    digest: str


class BlindIndex:
    """HMAC-SHA256 of a value for a purpose: equal values of two purposes do not look alike."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._keys = tuple(keys)

    def of(self, value: str, purpose: str) -> list[Indexed]:
        """The value's digest under every key, newest first: store the first, search for all."""
        message = f"{purpose}\x00{value}".encode()
        return [
            Indexed(key.id, hmac.digest(key.key, message, "sha256").hex()) for key in self._keys
        ]
