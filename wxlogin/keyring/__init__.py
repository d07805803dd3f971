"""The keys of the settings over time and over hosts: known, compared, rotated."""

from wxlogin.keyring.compromise import Compromise
from wxlogin.keyring.hosts import Hosts
from wxlogin.keyring.known_keys import KnownKeys
from wxlogin.keyring.rings import Rings, rings_of
from wxlogin.keyring.rotation import Rotation

__all__ = ["Compromise", "Hosts", "KnownKeys", "Rings", "Rotation", "rings_of"]
