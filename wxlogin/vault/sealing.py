"""AES-256-GCM under a ring of keys: what is sealed opens only where it was meant to stand."""

from __future__ import annotations

import base64
import binascii
import logging
import secrets
from collections.abc import Sequence

from Crypto.Cipher import AES

from config_values import DataKey

logger = logging.getLogger(__name__)

NONCE = 12
TAG = 16


class SealBroken(Exception):
    """Sealed text that is changed, moved to another place, or of a key that is not held."""


class Vault:
    """Seals with the newest key, opens with any key of the ring.

    Sealed text is `key id . base64url(nonce tag ciphertext)`, so that the rows of one key can be
    counted. `place` (table, column and row, or the key in Redis) is bound in as associated data.
    """

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._newest = keys[0]
        self._ring = {key.id: key.key for key in keys}

    def seal(self, clear: str, place: str) -> str:
        """Seal text for one place."""
        nonce = secrets.token_bytes(NONCE)
        cipher = AES.new(self._newest.key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
        cipher.update(place.encode())
        sealed, tag = cipher.encrypt_and_digest(clear.encode())
        return f"{self._newest.id}.{base64.urlsafe_b64encode(nonce + tag + sealed).decode()}"

    def open_kept(self, sealed: str, place: str) -> str | None:
        """As `open`, for what can be got anew: None, and a warning, where it does not open."""
        try:
            return self.open(sealed, place)
        except SealBroken as broken:
            logger.warning("%s is taken for absent: %s", place, broken)
            return None

    def open(self, sealed: str, place: str) -> str:
        """Give back the text sealed for this place; SealBroken for anything else."""
        key_id, _, encoded = sealed.partition(".")
        if key_id not in self._ring:
            raise SealBroken(f"sealed with key {key_id[:16]!r}, which is not in WXLOGIN_DATA_KEYS")
        try:
            raw = base64.urlsafe_b64decode(encoded)
            cipher = AES.new(self._ring[key_id], AES.MODE_GCM, nonce=raw[:NONCE], mac_len=TAG)
            cipher.update(place.encode())
            clear = cipher.decrypt_and_verify(raw[NONCE + TAG :], raw[NONCE : NONCE + TAG])
        except (ValueError, binascii.Error):
            raise SealBroken("sealed text does not open at this place") from None
        return clear.decode()
