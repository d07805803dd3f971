"""Sealing and blind indexes: nothing that names a person stands in clear in a store."""

from wxlogin.vault.blind_index import BlindIndex, Indexed
from wxlogin.vault.sealing import SealBroken, Vault

__all__ = ["BlindIndex", "Indexed", "SealBroken", "Vault"]
