"""Whether a key can be guessed: repetitions, runs, words and rows of a keyboard."""

from __future__ import annotations

from itertools import pairwise

from zxcvbn import zxcvbn

WELL_KNOWN = (
    *(b"secret", b"changeme", b"change-me", b"password", b"example", b"default", b"replace"),
    *(b"insecure", b"wxlogin", b"wechat", b"weixin", b"miniprogram", b"mini-program"),
)
REPEATED = 8
"""Characters in a row that no random key of a usual length has twice."""
WORDS = 0.5
WORD_LENGTH = 4
"""Of a random key a fifth at most is words of so many letters."""
LEAST_DIGITS = 0.78
"""Decimal digits of guesses per character. Random hex has 0.85 and more, a phrase 0.75 and less."""
LOOKED_AT = 64


def is_weak(key: bytes) -> bool:
    """Return whether a key can be guessed: few bytes, a repetition, a run, known words."""
    run = pairs_in_order(key) > len(key) // 2
    known = any(word in key.lower() for word in WELL_KNOWN)
    if len(set(key)) < 8 or run or known or is_periodic(key) or _repeats(key):
        return True
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return False
    # Random bytes are hardly ever UTF-8: what is, and not ASCII, somebody wrote.
    return not text.isascii() or (text.isprintable() and _is_phrase(text))


def is_periodic(value: bytes) -> bool:
    """Return whether a piece of at most half the length repeats through the whole."""
    periods = range(1, len(value) // 2 + 1)
    return any(value[period:] == value[:-period] for period in periods)


def pairs_in_order(value: bytes) -> int:
    """Return how many neighbours count up or down, or are equal: 2 in `abcz`."""
    return sum(abs(a - b) <= 1 for a, b in pairwise(value))


def _repeats(key: bytes) -> bool:
    """Return whether a piece of REPEATED characters stands in the key twice."""
    pieces = [key[start : start + REPEATED] for start in range(len(key) - REPEATED + 1)]
    return len(set(pieces)) < len(pieces)


def _is_phrase(key: str) -> bool:
    """Return whether words, dates or rows of a keyboard leave fewer guesses than randomness."""
    text = key[:LOOKED_AT]
    found = zxcvbn(text)
    words = [match["token"] for match in found["sequence"] if match["pattern"] == "dictionary"]
    in_words = sum(len(word) for word in words if len(word) >= WORD_LENGTH)
    few = float(found["guesses_log10"]) < LEAST_DIGITS * len(text)
    return few or in_words > WORDS * len(text)
