"""The one function that says what the client's address is, and what limits count it by."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

UNKNOWN = "unknown"
"""What limits count those under who have no address: a proxy on a unix socket."""

# `1.2.3.4:5`, `[2001:db8::1]`, `[2001:db8::1]:5`: proxies add a port, and brackets round IPv6.
FRAMED = re.compile(r"\[(?P<v6>[^\[\]]+)\](?::[0-9]+)?|(?P<v4>[0-9.]+):[0-9]+")
SUBNET_BITS = 64
LONGEST = 100
"""More characters than an address has with brackets, zone and port."""
REMEMBERED = 4096
"""Texts whose address is known without reading them anew."""


@lru_cache(REMEMBERED)
def address_key(address: str) -> str:
    """What limits count an address by, never empty: IPv4 whole, IPv6 by its /64."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ipaddress.ip_network((found, SUBNET_BITS), strict=False))
    return str(found or UNKNOWN)


def seen_through(hops: int, forwarded: str, peer: str) -> str:
    """The client's address as canonical text, in front of `hops` trusted proxies.

    Each of them adds the address it was called from at the right of X-Forwarded-For; what stands
    further left is the caller's word. Where the entry is missing or no address, the request did not
    come that way: then the peer is the client. Empty only for a peer on a unix socket.
    """
    return _canonical(hop(hops, forwarded)) or _canonical(peer)


def hop(hops: int, forwarded: str) -> str:
    """The entry of an X-Forwarded-* header that many from the right; empty where there is none."""
    entries = forwarded.split(",")
    return entries[-hops].strip() if 0 < hops <= len(entries) else ""


def _canonical(text: str) -> str:
    return _remembered(text) if len(text) <= LONGEST else ""


@lru_cache(REMEMBERED)
def _remembered(text: str) -> str:
    found = _parsed(text)
    return str(found) if found else ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address without port, brackets and zone; IPv4 that is mapped into IPv6 is IPv4."""
    framed = FRAMED.fullmatch(text)
    try:
        found = ipaddress.ip_address((framed["v6"] or framed["v4"]) if framed else text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or IPv6Address(found.packed)
