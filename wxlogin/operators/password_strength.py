"""How well a password withstands guessing: lists of breached ones, our own words, phrases."""

from __future__ import annotations

import math
import re

from zxcvbn import zxcvbn
from zxcvbn.matching import RANKED_DICTIONARIES

SCORED_LENGTH = 32
"""zxcvbn's running time grows with the length, so it gets only the beginning of a long password."""
PHRASE_LENGTH = 64
MIN_SCORE = 3
OWN_WORDS = (
    *(
        "wxlogin",
        "wechat",
        "weixin",
        "wx",
        "tencent",
        "qq",
        "com",
        "mini",
        "program",
        "miniprogram",
    ),
    *("xiaochengxu", "xcx", "denglu", "mima", "admin", "owner", "operator", "viewer", "auditor"),
    *("console", "login", "session", "key", "token", "secret", "backend", "server", "prod"),
    *("production", "correct", "horse", "battery", "staple"),
)
"""Words that an attacker would try here first: the product's, and those of one famous phrase."""
OWN_SIGNS = re.compile("微信|小程序|登录|管理员?|密码|控制台")
PARTS = re.compile(r"[A-Z]?[^\W\dA-Z_]+|[A-Z]+|\d+|[\W_]+")
YEAR = re.compile("(19|20)[0-9]{2}")
SHORT = 3
MOSTLY = 0.6
MIN_PHRASE_DIGITS = 13.5
"""A phrase needs this many decimal digits of guesses: four common words have fewer."""


def is_guessable(password: str) -> bool:
    """Return whether a password would be found by trying what people choose."""
    judged = zxcvbn(password[:SCORED_LENGTH], user_inputs=list(OWN_WORDS))
    return int(judged["score"]) < MIN_SCORE or _is_weak_phrase(password)


def _is_weak_phrase(password: str) -> bool:
    """Return whether a password is made of words, too few or too common ones.

    zxcvbn takes short words between spaces for random letters; here each counts by its rank.
    """
    parts = PARTS.findall(OWN_SIGNS.sub(" wxlogin ", password[:PHRASE_LENGTH]))
    # A word that comes twice counts once.
    digits = {part: _digits_of_word(part) for part in parts if part[0].isalpha()}
    letters = sum(len(part) for part in parts if len(part) >= SHORT and part in digits)
    known = sum(len(part) for part in parts if digits.get(part) is not None)
    if known < MOSTLY * letters or 2 * known < len("".join(parts)):
        return False
    words = sum(found or len(part) for part, found in digits.items())
    others = {part for part in parts if part not in digits}
    return words + sum(map(_digits_of_other, others)) < MIN_PHRASE_DIGITS


def _digits_of_word(part: str) -> float | None:
    """Return the decimal digits of guesses for words written together; None for other letters."""
    if len(part) < SHORT:
        return None
    if part.casefold() in OWN_WORDS:
        return 1.0
    found = zxcvbn(part, user_inputs=list(OWN_WORDS))["sequence"]
    if any(str(match["pattern"]) == "bruteforce" for match in found):
        return _rank_digits(part.casefold())
    return max(1.0, sum(math.log10(float(match["guesses"])) for match in found))


def _rank_digits(word: str) -> float | None:
    """Return the digits of a word's rank in the lists of zxcvbn, which takes short ones apart."""
    ranks = [ranked[word] for ranked in RANKED_DICTIONARIES.values() if word in ranked]
    return max(1.0, math.log10(min(ranks))) if ranks else None


def _digits_of_other(part: str) -> float:
    """Return the decimal digits of guesses for a number, or for signs between words."""
    if part.isdigit():
        return 2.0 if YEAR.fullmatch(part) else float(len(part))
    return 1.0 if len(set(part)) == 1 else float(len(part))
