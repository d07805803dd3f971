"""How addresses stand in events: whole, by their network, or as a keyed digest."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from wxlogin.vault import BlindIndex

Form = Literal["full", "prefix", "hash"]

PREFIX = {4: 24, 6: 48}
ONE_SUBSCRIBER = {4: 32, 6: 64}
"""What one caller has at hand: floods fold by it, or an IPv6 network would be a row an address."""

REMEMBERED = 4096


class Addresses:
    """Writes addresses as WXLOGIN_EVENT_IP says."""

    def __init__(self, form: Form, index: BlindIndex) -> None:
        self._form = form
        self._index = index
        self.subject = lru_cache(REMEMBERED)(self._subject)
        """What floods of an address fold by: an IPv4 address, an IPv6 /64, or less than that."""

    def shown(self, address: str) -> str:
        """The address as an event may show it; empty where there is none."""
        return address if self._form == "full" else self.subject(address)

    def _subject(self, address: str) -> str:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return ""
        if self._form == "prefix":
            return _network(found, PREFIX)
        network = _network(found, ONE_SUBSCRIBER)
        if self._form == "hash":
            return self._index.of(network, "address")[0].digest[:32]
        return network.removesuffix("/32")


def _network(address: IPv4Address | IPv6Address, bits: dict[int, int]) -> str:
    return str(ipaddress.ip_network((address, bits[address.version]), strict=False))
