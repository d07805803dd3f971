"""The languages in which wxlogin speaks to people."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
TAGS: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
"""As HTML's `lang` has them."""


def language_named(tag: str) -> Language | None:
    """Return the language of a tag such as `zh-CN`; None for one that is not ours."""
    return next((language for language in LANGUAGES if language == tag[:2].lower()), None)
