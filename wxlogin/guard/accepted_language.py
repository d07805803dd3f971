"""The language that a browser asks for."""

from __future__ import annotations

from flask import request

from wxlogin.languages import LANGUAGES, Language

MAX_ACCEPTED = 500
"""Characters of `Accept-Language` that are read: 2,600 languages take as long as ten pages."""


def accepted_language() -> Language:
    """Return which of our languages the browser of this request likes best; English if none."""
    if len(request.headers.get("Accept-Language", "")) > MAX_ACCEPTED:
        return "en"
    return "zh" if request.accept_languages.best_match(LANGUAGES) == "zh" else "en"
