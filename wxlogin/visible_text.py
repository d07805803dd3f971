"""Text that people read: no character in it is invisible or turns a line around."""

from __future__ import annotations

import re
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""General categories of Unicode: controls, formats (bidi among them), surrogates, separators."""
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that have no shape, such as the Hangul fillers."""
SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))))
"""Variation selectors, but the two of emoji: text can be hidden in a row of them."""

EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
JOINER = re.compile(f"(?<=[{EMOJI}\ufe0f])\u200d(?=[{EMOJI}])")
"""What makes one sign of two, such as of a person and a profession: it is seen."""


def has_hidden(text: str) -> bool:
    """Return whether a text has a character that a reader would not see."""
    return any(
        unicodedata.category(one) in HIDDEN or one in BLANK or one in SELECTORS
        for one in JOINER.sub("", text)
    )


def is_line(text: str, most: int) -> bool:
    """Return whether a text is 1 to `most` characters that can all be seen."""
    return 0 < len(text) <= most and not has_hidden(text)
