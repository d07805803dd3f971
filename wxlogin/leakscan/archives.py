"""Archives: zip and what is one (jar, apk, docx), tar, and files that gzip, bzip2 or xz packed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath

from wxlogin.leakscan.members import Member, NotReadable

ZIP = b"PK\x03\x04"
TAR, TAR_AT = b"ustar", 257
GZIP, BZIP2, XZ = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0"
MOST_UNPACKED = 1 << 30
"""No archive is unpacked beyond this; a small one may pretend to be of any size."""
DAMAGED = (
    *(EOFError, OSError, NotImplementedError, RuntimeError, ValueError),
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
)


def is_archive(head: bytes) -> bool:
    """Return whether a file with this beginning is an archive or a packed file."""
    return head.startswith((ZIP, GZIP, BZIP2, XZ)) or head[TAR_AT : TAR_AT + len(TAR)] == TAR


def archive_members(name: str, data: bytes) -> Iterator[Member]:
    """Yield the files of an archive called `name`; raise NotReadable if it is damaged or huge."""
    left = MOST_UNPACKED
    try:
        for member in _members(name, data):
            left -= len(member.data)
            if left < 0:
                raise NotReadable("unpacks to more than 1 GB; its rest was not searched")
            yield member
    except DAMAGED as fault:
        raise NotReadable(f"cannot be unpacked: {fault}") from None


def _members(name: str, data: bytes) -> Iterator[Member]:
    if data.startswith(ZIP):
        yield from _zip_members(data)
    elif data[TAR_AT : TAR_AT + len(TAR)] == TAR:
        yield from _tar_members(data)
    else:
        unpacked = _unpacked(data)
        if unpacked[TAR_AT : TAR_AT + len(TAR)] == TAR:
            yield from _tar_members(unpacked)
        else:
            yield Member(PurePath(name).stem, unpacked)


def _unpacked(data: bytes) -> bytes:
    with _opened(io.BytesIO(data)) as packed:
        return packed.read(MOST_UNPACKED + 1)


def _opened(file: io.BytesIO) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    magic = file.getvalue()[: len(XZ)]
    if magic.startswith(GZIP):
        return gzip.GzipFile(fileobj=file)
    return bz2.BZ2File(file) if magic.startswith(BZIP2) else lzma.LZMAFile(file)


def _zip_members(data: bytes) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                with archive.open(info) as member:
                    yield Member(info.filename, member.read(MOST_UNPACKED + 1))


def _tar_members(data: bytes) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if info.isfile() and (member := archive.extractfile(info)):
                yield Member(info.name, member.read(MOST_UNPACKED + 1))
