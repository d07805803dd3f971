"""The client behind trusted proxies: its address, what limits count that by, whether it used HTTPS.

Each is decided here alone.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

UNKNOWN = "unknown"
"""What limits count a peer by that has no address: a proxy on a unix socket."""

# `1.2.3.4:5`, `[2001:db8::1]`, `[2001:db8::1]:5`: proxies add a port, and brackets round IPv6.
FRAMED = re.compile(r"\[(?P<v6>[^\[\]]+)\](?::[0-9]+)?|(?P<v4>[0-9.]+):[0-9]+")
SUBNET_BITS = 64
LONGEST = 100
"""More characters than an address has with brackets, zone and port."""
CACHED = 4096
"""Texts whose parsed address is cached."""


@lru_cache(CACHED)
def address_key(address: str) -> str:
    """Return what limits count an address by, never empty: IPv4 whole, IPv6 by its /64."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ipaddress.ip_network((found, SUBNET_BITS), strict=False))
    return str(found or UNKNOWN)


def client_address(hops: int, forwarded: str, peer: str) -> str:
    """Return the client's address as canonical text, in front of `hops` trusted proxies.

    Each of them adds the address it was called from at the right of X-Forwarded-For; what is
    further left is what the caller claims. Where the entry is missing or no address, the request
    did not come that way: then the peer is the client. Empty only for a peer on a unix socket.
    """
    return _canonical(forwarded_entry(hops, forwarded)) or _canonical(peer)


def forwarded_entry(hops: int, forwarded: str) -> str:
    """Return the entry of an X-Forwarded-* header, `hops` from the right; empty without one."""
    entries = forwarded.split(",")
    return entries[-hops].strip() if 0 < hops <= len(entries) else ""


def over_https(hops: int, forwarded: str, scheme: str) -> bool:
    """Return whether the client's own connection, in front of `hops` trusted proxies, was HTTPS.

    Without proxies the connection's scheme counts. A proxy either adds its scheme to
    X-Forwarded-Proto, and then the entry that many from the right is the client's, or it replaces
    the header, and then the one that is left is what the nearest proxy says, which is trusted.
    Any number of entries between, or none at all, is no HTTPS.
    """
    if not hops:
        return scheme == "https"
    only = "" if "," in forwarded else forwarded.strip()
    return (only or forwarded_entry(hops, forwarded)).lower() == "https"


def _canonical(text: str) -> str:
    return _cached(text) if len(text) <= LONGEST else ""


@lru_cache(CACHED)
def _cached(text: str) -> str:
    found = _parsed(text)
    return str(found) if found else ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address without port, brackets and zone; IPv4 mapped into IPv6 is IPv4."""
    framed = FRAMED.fullmatch(text)
    try:
        found = ipaddress.ip_address((framed["v6"] or framed["v4"]) if framed else text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    return found.ipv4_mapped or IPv6Address(found.packed)
