"""Phone numbers: from what people type to the indexed form, `+` country code and number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

COUNTRY_CODE = re.compile("[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}")
"""Of a number that begins with one (ITU-T E.164)."""
CHINESE_MOBILE = re.compile(r"1[0-9]{10}")
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


def parse_phone(typed: str) -> dict[str, str] | None:
    """Return a number in the form in which WeChat gives it, None if it cannot be told what it is.

    Without a `+` it is a Chinese mobile number.
    """
    numbers = readings(typed)
    found = COUNTRY_CODE.match(numbers[0], 1) if numbers else None
    if found is None:
        return None
    code, digits = found[0], numbers[0][1:]
    pure = digits.removeprefix(code)
    if (code == CHINA and not CHINESE_MOBILE.fullmatch(pure)) or not 4 <= len(pure) <= 14:
        return None
    written = pure if code == CHINA else digits
    return {"phoneNumber": written, "purePhoneNumber": pure, "countryCode": code}


def written_phone(phone: Mapping[str, str]) -> str:
    """Return a stored number as `parse_phone` takes it."""
    code, pure = phone["countryCode"], phone["purePhoneNumber"]
    return pure if code == CHINA and CHINESE_MOBILE.fullmatch(pure) else f"+{code}{pure}"
