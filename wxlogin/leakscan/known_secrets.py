"""Secrets of this installation, searched by their value in every form they may leak in.

The search takes the text in words of eight bytes. A form of 15 bytes or more holds at least one
such word whole, wherever it begins, so a set of the words that can occur answers for any number of
secrets at the speed of one look-up a word.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote_from_bytes

from wxlogin.leakscan.findings import Match

WORD = 8
SHORTEST = 2 * WORD - 1
"""Shorter values are not searched: they could occur by chance."""


class KnownSecret(NamedTuple):
    """A secret, its kind, and what it is called: `WXLOGIN_DATA_KEYS`, `AppSecret of wx...`.

    `value` is how it is written; `raw` are the bytes that it stands for, if it does.
    """

    kind: str
    label: str
    value: bytes
    raw: bytes = b""

    def __repr__(self) -> str:
        return f"KnownSecret({self.kind!r}, {self.label!r})"


class Form(NamedTuple):
    """What a secret looks like in a text, and how it became that."""

    text: bytes
    how: str
    secret: KnownSecret


def forms(secret: KnownSecret) -> list[Form]:
    """Return the forms of a secret, each text once, without those below `SHORTEST`.

    A secret below it has no form.
    """
    if len(secret.value) < SHORTEST:
        return []
    found: dict[bytes, str] = {}
    for how, text in (*_texts(secret.value), *_bytes(secret.raw)):
        if len(text) >= SHORTEST:
            found.setdefault(text, how)
    return [Form(text, how, secret) for text, how in found.items()]


def _texts(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "value", value
    yield "value in upper case", value.upper()
    yield "value in lower case", value.lower()
    yield "value reversed", value[::-1]
    for text in (value, value[::-1], _unhexed(value)):
        yield from (("value in base64", form) for form in _base64s(text))
    yield "value in hex", value.hex().encode()
    yield "value in hex", value.hex().upper().encode()
    yield "value URL-encoded", quote_from_bytes(value, safe="").encode()
    yield "value JSON-escaped", value.replace(b"/", b"\\/")
    half = len(value) // 2
    for text in (value, value[::-1]):
        yield "half of the value", text[:half]
        # One of an odd length may be cut on either side of its middle.
        yield "half of the value", text[len(value) - half :]


def _bytes(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "value as bytes", raw
    yield from (("value in base64", form) for form in _base64s(raw))
    for how, text in _texts(raw.hex().encode()):
        yield how.replace("value", "value in hex", 1), text


def _base64s(text: bytes) -> Iterator[bytes]:
    """Yield what of the text's base64 does not depend on what stands before and behind it."""
    for before in range(3):
        code = b64encode(bytes(before) + text)
        rest = (before + len(text)) % 3
        code = code[(0, 2, 3)[before] : len(code) - 4 if rest else None]
        yield code
        yield code.translate(bytes.maketrans(b"+/", b"-_"))


def _unhexed(value: bytes) -> bytes:
    """Return the bytes that a value in hex stands for; nothing for another value."""
    try:
        return bytes.fromhex(value.decode("ascii"))
    except ValueError:
        return b""


class KnownSecrets:
    """Finds the secrets of an installation in a text. It may be pickled."""

    def __init__(self, secrets: Iterable[KnownSecret] = ()) -> None:
        self._words: dict[int, list[tuple[Form, int]]] = defaultdict(list)
        by_value: dict[bytes, KnownSecret] = {}
        for secret in secrets:  # of one that is held twice the first name counts
            by_value.setdefault(secret.value, secret)
        for secret in by_value.values():
            for form in forms(secret):
                for offset in range(len(form.text) - WORD + 1):
                    word = int.from_bytes(form.text[offset : offset + WORD], sys.byteorder)
                    self._words[word].append((form, offset))

    def __bool__(self) -> bool:
        """Return whether there is anything to search for."""
        return bool(self._words)

    def matches(self, data: bytes) -> list[Match]:
        """Return every known secret in the text; a half only where the whole is not."""
        words = memoryview(data)[: len(data) // WORD * WORD].cast("Q")
        if not self._words or self._words.keys().isdisjoint(words):
            return []
        found = {
            (start, form)
            for at, word in enumerate(words)
            if word in self._words
            for form, offset in self._words[word]
            if data.startswith(form.text, start := max(at * WORD - offset, 0))
        }
        return _without_parts(found)


def _without_parts(found: Iterable[tuple[int, Form]]) -> list[Match]:
    """Return a match for each form that overlaps no earlier or longer one, by place."""
    kept: list[Match] = []
    for start, form in sorted(found, key=lambda one: (one[0], -len(one[1].text))):
        if not kept or start >= kept[-1].end:
            end, secret = start + len(form.text), form.secret
            kept.append(Match(secret.kind, start, end, secret.value, form.how, secret.label))
    return kept
