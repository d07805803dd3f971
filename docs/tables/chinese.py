"""The Chinese of what the code says of itself in English: `zh.po`, by the English text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from wxlogin.meta.chinese import read_catalogue

CATALOGUE = Path(__file__).with_name("zh.po")


@cache
def words() -> dict[str, str]:
    """Return the Chinese by the English."""
    return read_catalogue(CATALOGUE)


class Chinese:
    """Translates, and remembers what it was asked for and what it could not."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.missing: set[str] = set()

    def __call__(self, english: str) -> str:
        """Return the Chinese of a text; the text itself where there is none, which a test names."""
        if not english:
            return ""
        self.used.add(english)
        if english not in words():
            self.missing.add(english)
        return words().get(english, english)
