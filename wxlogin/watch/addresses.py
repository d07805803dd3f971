"""How events show addresses: in full, as a network prefix, or as a keyed digest."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from wxlogin.vault import BlindIndex

AddressFormat = Literal["full", "prefix", "hash"]

PREFIX_BITS = {4: 24, 6: 48}
SUBSCRIBER_BITS = {4: 32, 6: 64}
"""The network of one subscriber. A flood is grouped by it: an IPv6 caller has a whole /64, and
would otherwise produce a row for each address."""

CACHE_SIZE = 4096


class Addresses:
    """Formats addresses as WXLOGIN_EVENT_IP says."""

    def __init__(self, address_format: AddressFormat, index: BlindIndex) -> None:
        self._format = address_format
        self._index = index
        self.subject = lru_cache(CACHE_SIZE)(self._subject)
        """Returns what events of an address are grouped by: an IPv4 address, an IPv6 /64, or a
        shorter prefix or digest of it. Empty for a text that is no address."""

    def display(self, address: str) -> str:
        """Return the address as an event shows it."""
        return address if self._format == "full" else self.subject(address)

    def _subject(self, address: str) -> str:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return ""
        if self._format == "prefix":
            return _network(parsed, PREFIX_BITS)
        network = _network(parsed, SUBSCRIBER_BITS)
        if self._format == "hash":
            return self._index.digests(network, "address")[0].digest[:32]
        return network.removesuffix("/32")


def _network(address: IPv4Address | IPv6Address, bits: dict[int, int]) -> str:
    return str(ipaddress.ip_network((address, bits[address.version]), strict=False))
