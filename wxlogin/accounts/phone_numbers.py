"""Phone numbers as people type them, and as they are indexed: `+` country code and number."""

from __future__ import annotations

import re
import unicodedata

BETWEEN = re.compile(r"[\s().\-\u2010-\u2015]+")
CHINA = "86"


def readings(typed: str) -> list[str]:
    """What a typed number may mean, in the indexed form; none where it is no number.

    Without a `+` it is China's, or begins with its country code all the same.
    """
    number = BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    number = re.sub("^00", "+", number)
    if not re.fullmatch(r"\+?[0-9]{4,20}", number):
        return []
    return [number] if number.startswith("+") else [f"+{CHINA}{number}", f"+{number}"]
