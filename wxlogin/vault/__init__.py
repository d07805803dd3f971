"""Sealing and blind indexes: no store holds personal identifiers in clear text."""

from wxlogin.vault.blind_index import BlindIndex, Indexed
from wxlogin.vault.sealing import SealBroken, Vault

__all__ = ["BlindIndex", "Indexed", "SealBroken", "Vault"]
