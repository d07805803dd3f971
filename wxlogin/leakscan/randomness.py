"""Whether a value was drawn at random, or is a placeholder, an example or a name."""

from __future__ import annotations

import math
import re
from collections import Counter

from wxlogin.settings.weak_keys import is_periodic, pairs_in_order

MOST_IN_ORDER = 0.5
"""Of neighbouring characters in a random text, one pair in five is equal or adjacent at most."""
PLACEHOLDERS = (
    b"example",
    b"sample",
    b"placeholder",
    b"changeme",
    b"change_me",
    b"change-me",
    b"replace",
    b"your_",
    b"your-",
    b"yoursecret",
    b"dummy",
    b"xxxxx",
    b"appsecret",
    b"deadbeef",
)
SAMPLES = frozenset(
    (
        b"tiihtNczf5v6AKRyjwEUhQ==",
        b"HyVFkGl5F5OQWJZZaNzBBg==",
        b"d41d8cd98f00b204e9800998ecf8427e",
        b"e10adc3949ba59abbe56e057f20f883e",
        b"21232f297a57a5a743894a0e4a801fc3",
        b"jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    )
)
"""Values that WeChat's documentation prints, and MD5 of nothing, `123456` and `admin`."""


def is_random(value: bytes, bits: float) -> bool:
    """Return whether a value has `bits` of entropy a character and looks like no placeholder."""
    lower = value.lower()
    return (
        bool(value)
        and _entropy(value) >= bits
        and value not in SAMPLES
        and not any(word in lower for word in PLACEHOLDERS)
        and not is_periodic(value)
        and not _is_in_order(value)
        and not _is_words(value)
    )


def _entropy(value: bytes) -> float:
    """Return bits a character, by how often each occurs in the value."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _is_in_order(value: bytes) -> bool:
    """Return whether it mostly counts up or down: `0123456789abcdef...`, `00112233...`."""
    return pairs_in_order(value) > MOST_IN_ORDER * (len(value) - 1)


def _is_words(value: bytes) -> bool:
    """Return whether it is an identifier: half of it is words in lower case."""
    return 2 * sum(map(len, re.findall(rb"[a-z]{4,}", value))) >= len(value)
