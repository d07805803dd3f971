"""AES-256-GCM under a ring of keys: sealed text opens only with the associated data it had."""

from __future__ import annotations

import base64
import binascii
import logging
import secrets
from collections.abc import Sequence

from Crypto.Cipher import AES

from wxlogin.settings.values import DataKey

logger = logging.getLogger(__name__)

NONCE = 12
TAG = 16


class SealBroken(Exception):
    """The sealed text was changed or moved to another row, or its key is not in the ring."""


class Vault:
    """Seals with the newest key, opens with any key of the ring.

    Sealed text is `key id . base64url(nonce tag ciphertext)`, so that the rows of one key can be
    counted. `aad`, the associated data, names table, column and row, or the key in Redis.
    """

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._newest = keys[0]
        self._ring = {key.id: key.key for key in keys}
        self.newest = self._newest.id
        """The id of the key that seals."""

    def seal(self, clear: str, aad: str) -> str:
        """Return the text sealed with this associated data."""
        nonce = secrets.token_bytes(NONCE)
        cipher = AES.new(self._newest.key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
        cipher.update(aad.encode())
        sealed, tag = cipher.encrypt_and_digest(clear.encode())
        return f"{self._newest.id}.{base64.urlsafe_b64encode(nonce + tag + sealed).decode()}"

    def open_or_none(self, sealed: str, aad: str) -> str | None:
        """Open text that can be replaced: None, with a warning in the log, if it does not open."""
        try:
            return self.open(sealed, aad)
        except SealBroken as broken:
            logger.warning("%s is taken for absent: %s", aad, broken)
            return None

    def open(self, sealed: str, aad: str) -> str:
        """Return the text sealed with this associated data; SealBroken for anything else."""
        key_id, _, encoded = sealed.partition(".")
        if key_id not in self._ring:
            raise SealBroken(f"sealed with key {key_id[:16]!r}, which is not in WXLOGIN_DATA_KEYS")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            cipher = AES.new(self._ring[key_id], AES.MODE_GCM, nonce=raw[:NONCE], mac_len=TAG)
            cipher.update(aad.encode())
            clear = cipher.decrypt_and_verify(raw[NONCE + TAG :], raw[NONCE : NONCE + TAG])
        except (ValueError, binascii.Error):
            raise SealBroken("sealed text does not open at this place") from None
        return clear.decode()
