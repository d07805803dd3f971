"""Containers with made-up files in them: packages of mini-programs as WeChat writes them."""

from __future__ import annotations

import hashlib
import struct

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad


def wxapkg(files: dict[str, bytes]) -> bytes:
    """Return a package of these files, as the developer tools make it."""
    names = {name: f"/{name}".encode() for name in files}
    size = 4 + sum(12 + len(name) for name in names.values())
    index, body = struct.pack(">I", len(files)), b""
    for name, data in files.items():
        place = 14 + size + len(body)
        index += struct.pack(">I", len(names[name])) + names[name]
        index += struct.pack(">II", place, len(data))
        body += data
    return struct.pack(">BIIIB", 0xBE, 0, len(index), len(body), 0xED) + index + body


def encrypted(package: bytes, appid: str) -> bytes:
    """Return a package as WeChat for PC keeps it; it is at least a kilobyte long."""
    key = hashlib.pbkdf2_hmac("sha1", appid.encode(), b"saltiest", 1000, 32)
    head = AES.new(key, AES.MODE_CBC, b"the iv: 16 bytes").encrypt(pad(package[:1023], 16))
    rest = bytes(byte ^ ord(appid[-2]) for byte in package[1023:])
    return b"V1MMWX" + head + rest
