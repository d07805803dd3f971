"""Findings: a place, a kind and a masked value. Nothing in here holds a whole secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from wxlogin.plural import plural

SHOWN = 4
DIGEST_LENGTH = 16


@dataclass(frozen=True)
class Match:
    """A secret in a text, as offsets of its first and last byte.

    `how` says how it was recognised: `shape`, `value`, `value in base64`, ...
    """

    kind: str
    start: int
    end: int
    value: bytes
    how: str = "shape"
    label: str = ""


@dataclass(frozen=True)
class Finding:
    """A secret at a line of a file, or of a member (`inside`) of a container.

    `commit` is the first one that holds it, where a history was searched.
    """

    kind: str
    path: str
    line: int
    masked: str
    digest: str
    how: str
    label: str = ""
    inside: str = ""
    blob: str = ""
    commit: str = ""

    @property
    def file(self) -> str:
        """The path, with the member's behind `!/`."""
        return f"{self.path}!/{self.inside}" if self.inside else self.path

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


def mask(value: bytes) -> str:
    """Return the first characters of a value and its length; a short one shows fewer."""
    shown = value[: min(SHOWN, len(value) // 8)].decode("ascii", "replace")
    return f"{shown}**** ({plural(len(value), 'character')})"


def digest(value: bytes) -> str:
    """Return 16 hex digits that name a value in the allow list."""
    return hashlib.sha256(value).hexdigest()[:DIGEST_LENGTH]


def findings(data: bytes, matches: list[Match], path: str, line: int = 1) -> list[Finding]:
    """Return a finding for each match in `data`, whose first line has the number `line`.

    Of several matches of one value on one line the first stands.
    """
    found: dict[tuple[int, bytes], Finding] = {}
    counted = 0
    for match in sorted(matches, key=lambda match: match.start):
        line += data.count(b"\n", counted, match.start)
        counted = match.start
        found.setdefault(
            (line, match.value),
            Finding(
                match.kind,
                path,
                line,
                mask(match.value),
                digest(match.value),
                match.how,
                match.label,
            ),
        )
    return list(found.values())
