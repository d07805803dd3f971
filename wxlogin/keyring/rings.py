"""The three rings of the settings, newest key first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from config import Settings
from wxlogin.settings.values import DataKey
from wxlogin.vault.derivation import KeyKind, fingerprint

SETTINGS: dict[KeyKind, str] = {
    "data": "WXLOGIN_DATA_KEYS",
    "index": "WXLOGIN_INDEX_KEYS",
    "signing": "WXLOGIN_SECRET_KEYS",
}


class Key(NamedTuple):
    """A key of any ring; a signing key's id is its fingerprint."""

    kind: KeyKind
    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"Key({self.kind}:{self.id})"


@dataclass(frozen=True)
class Rings:
    """The rings of this process."""

    data: tuple[DataKey, ...]
    index: tuple[DataKey, ...]
    signing: tuple[bytes, ...] = field(repr=False)

    def __iter__(self) -> Iterator[Key]:
        """Yield every key, newest first of each kind."""
        yield from (Key("data", *key) for key in self.data)
        yield from (Key("index", *key) for key in self.index)
        yield from (Key("signing", fingerprint(key), key) for key in self.signing)

    def ids(self) -> dict[KeyKind, list[str]]:
        """Return the ids of each ring, newest first."""
        return {kind: [key.id for key in self if key.kind == kind] for kind in SETTINGS}


def rings_of(settings: Settings) -> Rings:
    """Return the rings of the settings."""
    signing = tuple(key.encode() for key in settings.secret_keys)
    return Rings(tuple(settings.data_keys), tuple(settings.index_keys), signing)
