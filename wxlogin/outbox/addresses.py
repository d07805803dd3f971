"""Which addresses a webhook may be sent to: only those that anybody on the Internet could reach.

Otherwise whoever sets a webhook could make this server call services of its own network.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

MAX_URL = 2000


def is_public(address: str) -> bool:
    """Return whether an address is neither private, loopback, link-local, shared nor multicast.

    An IPv6 address that contains one of IPv4 is refused: a gateway would translate it.
    """
    ip = ip_address(address)
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return isinstance(ip, IPv4Address) or not _contains_ipv4(ip)


def _contains_ipv4(ip: IPv6Address) -> bool:
    embedded = (ip.ipv4_mapped, ip.sixtofour, ip.teredo)
    return ip.is_site_local or any(found is not None for found in embedded)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, without repetition; OSError if there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def url_fault(url: str, *, unrestricted: bool) -> str:
    """Return what is wrong with the URL of an endpoint, or an empty text.

    Unless `unrestricted`, it must be https, and must not name an address that is not public. What
    its name means is judged at each connection.
    """
    schemes = ("http", "https") if unrestricted else ("https",)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = parts = None
    if parts is None or parts.scheme not in schemes or not host or len(url) > MAX_URL:
        return "should be a URL with " + " or ".join(schemes)
    if not url.isascii() or not url.isprintable() or " " in url:
        return "should be a URL in ASCII; write other characters percent-encoded or as punycode"
    if "@" in parts.netloc or parts.fragment:
        return "should have no user, password or fragment: requests are signed instead"
    if not unrestricted and _is_refused_literal(host):
        return "should not be an address of a private network"
    return ""


def _is_refused_literal(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False
