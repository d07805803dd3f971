"""Phone numbers: from what people type to the indexed form, `+` country code and number."""

from __future__ import annotations

import re
import unicodedata

SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015]+")
CHINA = "86"


def readings(typed: str) -> list[str]:
    """Return what a typed number may mean, in the indexed form; nothing if it is not a number.

    Without a `+` it may be a Chinese number, or begin with its country code.
    """
    number = SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    number = re.sub("^00", "+", number)
    if not re.fullmatch(r"\+?[0-9]{4,20}", number):
        return []
    return [number] if number.startswith("+") else [f"+{CHINA}{number}", f"+{number}"]
