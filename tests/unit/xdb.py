"""Small files in ip2region's form: https://ip2region.net/doc/xdb/structure says what it is."""

from __future__ import annotations

import struct
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

HEADER, VECTOR = 256, 256 * 256 * 8


def xdb(path: Path, regions: dict[str, str], structure: int = 3) -> str:
    """Write networks and their records to a file; the first two bytes of each are its own."""
    networks = [ip_network(text) for text in regions]
    texts, vector, index = b"", bytearray(VECTOR), b""
    start = HEADER + VECTOR + sum(len(text.encode()) for text in regions.values())
    for network, text in zip(networks, regions.values(), strict=True):
        at = start + len(index)
        first, second = network.network_address.packed[:2]
        struct.pack_into("<II", vector, (first * 256 + second) * 8, at, at)
        place = struct.pack("<HI", len(text.encode()), HEADER + VECTOR + len(texts))
        index += _bounds(network) + place
        texts += text.encode()
    last = start + len(index) - len(index) // len(networks)
    kind = networks[0].version if structure == 3 else 0
    header = struct.pack("<HHIIIHH", structure, 1, 0, start, last, kind, 4)
    path.write_bytes(header.ljust(HEADER, b"\0") + vector + texts + index)
    return str(path)


def _bounds(network: IPv4Network | IPv6Network) -> bytes:
    ends = (network.network_address.packed, network.broadcast_address.packed)
    return b"".join(end[::-1] if network.version == 4 else end for end in ends)
