"""The files below the paths that are searched, cut into tasks of a size that a worker takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from wxlogin.leakscan import kinds
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.file_contents import HEAD, contents, is_container
from wxlogin.leakscan.findings import Finding, digest, findings

CHUNK = 8 << 20
"""A larger file is searched in parts of this size, one task a part."""
OVERLAP = 8192
"""How much of its neighbours a part is read with, so that nothing is cut in two."""
PKCS12, DER = (".p12", ".pfx"), b"\x30"
SKIPPED = {".git", ".hg", ".svn"}
FOREIGN = {"node_modules", "miniprogram_npm", "site-packages"}
"""Packages of others: searched for known secrets alone, not by shape."""


@dataclass(frozen=True)
class FilePart:
    """A part of a file: what matches begin in `start` to `end` are its own."""

    path: str
    start: int
    end: int
    size: int
    foreign: bool

    @property
    def length(self) -> int:
        """How many bytes are to be searched."""
        return self.end - self.start

    def findings(self, search: Search, appid: str) -> Iterator[Finding]:
        """Yield the findings; raise NotReadable or OSError if the file cannot be searched."""
        search = search._replace(shapes=search.shapes and not self.foreign)
        if self.start == 0 and self.end == self.size:
            data = Path(self.path).read_bytes()
            yield from findings_of_file(data, self.path, search, appid)
        else:
            yield from self._findings_of_part(search)

    def _findings_of_part(self, search: Search) -> list[Finding]:
        first = max(self.start - OVERLAP, 0)
        with Path(self.path).open("rb") as file:
            file.seek(first)
            data = file.read(self.end + OVERLAP - first)
            own = [m for m in search.matches(data) if self.start <= m.start + first < self.end]
            line = 1 + _lines(file, first) if own else 0
        return findings(data, own, self.path, line)


def findings_of_file(data: bytes, path: str, search: Search, appid: str) -> Iterator[Finding]:
    """Yield the findings in a file's bytes and in what it holds; raise NotReadable."""
    if path.endswith(PKCS12) and data[:1] == DER:
        yield Finding(
            kinds.PRIVATE_KEY.id, path, 1, "(a PKCS #12 file)", digest(data), "name", "private key"
        )
    for member in contents(path, data, appid):
        for finding in findings(member.data, search.matches(member.data), path):
            yield replace(finding, inside=member.name)


def file_parts(paths: Iterable[Path], known: bool) -> Iterator[FilePart]:
    """Yield the parts of all files below the paths, in order; links are not followed.

    Without `known` secrets the packages of others are left out, as nothing is searched there.
    """
    for path in paths:
        for file in _files(path) if path.is_dir() else [path]:
            below = file.relative_to(path) if path.is_dir() else file
            foreign = not FOREIGN.isdisjoint(below.parts)
            if known or not foreign:
                yield from _parts(file, foreign)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder."""
    for name, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - SKIPPED)
        for file in sorted(files):
            path = Path(name, file)
            if not path.is_symlink() and path.is_file():
                yield path


def _parts(file: Path, foreign: bool) -> Iterator[FilePart]:
    size = file.stat().st_size
    step = CHUNK if size > CHUNK and not _is_container(file) else max(size, 1)
    for start in range(0, size, step):
        yield FilePart(str(file), start, min(start + step, size), size, foreign)


def _is_container(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return is_container(file.name, opened.read(HEAD))
    except OSError:
        return False  # the search of its parts says so


def _lines(file: BinaryIO, end: int) -> int:
    """Return the number of line ends in the first `end` bytes of a file."""
    file.seek(0)
    return sum(file.read(min(CHUNK, end - at)).count(b"\n") for at in range(0, end, CHUNK))
