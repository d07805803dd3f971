"""`.wxapkg`, the package of a mini-program, plain and as WeChat for PC encrypts it.

Plain, all numbers big-endian: 0xBE, 4 bytes of no interest, the lengths of index and body (4 bytes
each), 0xED; then the number of files and of each file the length of its name, the name, its offset
and its length.
Encrypted: `V1MMWX`, 1024 bytes of AES-256-CBC under a key derived from the appid, of which the last
is padding, and the rest XORed with the last character but one of the appid.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from Crypto.Cipher import AES

from wxlogin.leakscan.members import Member, NotReadable

FIRST, LAST = 0xBE, 0xED
HEADER = struct.Struct(">BIIIBI")
NUMBER = struct.Struct(">I")
PLACE = struct.Struct(">II")
ENCRYPTED = b"V1MMWX"
ENCRYPTED_HEAD = 1024
SALT = b"saltiest"
IV = b"the iv: 16 bytes"
ITERATIONS = 1000


def is_wxapkg(head: bytes) -> bool:
    """Return whether a file with this beginning is such a package, plain or encrypted."""
    if len(head) < HEADER.size:
        return False
    first, _, _, _, last, _ = HEADER.unpack_from(head)
    return (first, last) == (FIRST, LAST) or head.startswith(ENCRYPTED)


def wxapkg_members(data: bytes, appid: str) -> Iterator[Member]:
    """Yield the files of a package; raise NotReadable if it is damaged or `appid` is needed."""
    if data.startswith(ENCRYPTED):
        if not appid:
            raise NotReadable("is encrypted (V1MMWX); name its appid: --appid wx...")
        data = _decrypted(data, appid)
        if not is_wxapkg(data):
            raise NotReadable(f"is encrypted (V1MMWX), and does not open with {appid}")
    yield from _members(data)


def _members(data: bytes) -> Iterator[Member]:
    count, at = HEADER.unpack_from(data)[-1], HEADER.size
    try:
        for _ in range(count):
            (length,) = NUMBER.unpack_from(data, at)
            at += NUMBER.size
            name = data[at : at + length].decode("utf-8", "replace").lstrip("/")
            at += length
            start, size = PLACE.unpack_from(data, at)
            at += PLACE.size
            yield Member(name, data[start : start + size])
    except struct.error:
        raise NotReadable("is a damaged package: its index is cut off") from None


def _decrypted(data: bytes, appid: str) -> bytes:
    head_end = len(ENCRYPTED) + ENCRYPTED_HEAD
    head = data[len(ENCRYPTED) : head_end]
    if len(head) < ENCRYPTED_HEAD:
        raise NotReadable("is a damaged package: its head is cut off")
    # SHA-1 is WeChat's choice.
    key = hashlib.pbkdf2_hmac("sha1", appid.encode(), SALT, ITERATIONS, 32)
    opened = AES.new(key, AES.MODE_CBC, IV).decrypt(head)[: ENCRYPTED_HEAD - 1]
    mask = ord(appid[-2])
    return opened + data[head_end:].translate(bytes(byte ^ mask for byte in range(256)))
