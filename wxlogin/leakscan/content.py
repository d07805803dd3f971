"""The search of one text: by shape, by value, and in strings that are written in pieces."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from wxlogin.leakscan import kinds
from wxlogin.leakscan.findings import Match
from wxlogin.leakscan.known_secrets import KnownSecrets
from wxlogin.leakscan.randomness import is_random
from wxlogin.leakscan.shapes import matches_by_shape
from wxlogin.leakscan.split_strings import Joined, joined_strings

HEAD = 8192
APP_SECRET = re.compile(rb"[0-9a-fA-F]{32}")
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
ESCAPE = re.compile(rb"%(?:25)?(2[BbFf]|3[Dd])|\\+u00(2[BbFf]|3[Dd])|\\+(?=/)")
SPACE = re.compile(rb"\s|\\[nr]|[\"'`+,]")


class Search(NamedTuple):
    """What to search a text for: the known secrets, and shapes unless others wrote the text."""

    known: KnownSecrets
    shapes: bool = True

    def matches(self, data: bytes) -> list[Match]:
        """Return the secrets in a text, in order, each place once.

        A binary one is searched by value alone: 32 hexadecimal digits mean nothing there.
        """
        known = self.known.matches(data)
        if not self.shapes or is_binary(data):
            return known
        pieces = _sorted(_in_pieces(self.known, data))
        shaped = _sorted(map(_cleared, matches_by_shape(data)))
        return _merged(known, _merged(pieces, shaped))


def _in_pieces(known: KnownSecrets, data: bytes) -> Iterator[Match]:
    for joined in joined_strings(data):
        text = joined.text
        shaped = [*map(_cleared, matches_by_shape(text)), *_app_secret(joined)]
        for match in _merged(known.matches(text), _sorted(shaped)):
            if match.end > joined.first:
                how = f"{match.how}, in pieces"
                yield replace(match, start=joined.start, end=joined.end, how=how)


def _app_secret(joined: Joined) -> Iterator[Match]:
    """Yield the whole string if it is an AppSecret; nobody writes a checksum in pieces."""
    value = joined.text[joined.first :].strip(b"\"'`")
    if joined.certain and APP_SECRET.fullmatch(value) and is_random(value, 3.0):
        yield Match(kinds.APP_SECRET.id, joined.first, len(joined.text), value)


def _sorted(matches: Iterable[Match]) -> list[Match]:
    """Return the matches by their place, without those that overlap the one before."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
    return kept


def _merged(first: list[Match], others: list[Match]) -> list[Match]:
    """Return the first matches and those of the others that overlap none of them, by place."""
    starts = [match.start for match in first]
    kept = list(first)
    for match in others:
        before = bisect_left(starts, match.end) - 1
        if before < 0 or first[before].end <= match.start:
            kept.append(match)
    return sorted(kept, key=lambda match: match.start)


def is_binary(data: bytes) -> bool:
    """Return whether a NUL stands near the beginning."""
    return b"\0" in data[:HEAD]


def as_utf8(data: bytes) -> bytes:
    """Return a text that says to be UTF-16 in UTF-8, any other as it is."""
    encoding = UTF16.get(data[:2])
    return data.decode(encoding, "replace").encode("utf-8", "replace") if encoding else data


def _cleared(match: Match) -> Match:
    """Return a match whose value is that of the secret, without escapes and line ends."""
    value = match.value
    if b"\\" in value or b"%" in value:
        value = ESCAPE.sub(_character, value)
    if match.kind == kinds.PRIVATE_KEY.id:
        value = SPACE.sub(b"", value)
    return replace(match, value=value)


def _character(escape: re.Match[bytes]) -> bytes:
    code = escape[1] or escape[2]
    return bytes.fromhex(code.decode()) if code else b""
