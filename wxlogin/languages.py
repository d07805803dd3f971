"""The languages in which wxlogin speaks to people."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["en", "zh"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
TAGS: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
"""As HTML's `lang` has them."""
