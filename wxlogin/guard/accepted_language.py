"""The language that a browser asks for."""

from __future__ import annotations

from flask import request

from wxlogin.languages import LANGUAGES, Language, language_named

MAX_ACCEPTED = 500
"""Characters of `Accept-Language` that are read: 2,600 languages take as long as ten pages."""


def accepted_language() -> Language:
    """Return which of our languages the browser of this request likes best; English if none."""
    if len(request.headers.get("Accept-Language", "")) > MAX_ACCEPTED:
        return "en"
    return "zh" if request.accept_languages.best_match(LANGUAGES) == "zh" else "en"


def wanted_language() -> Language:
    """Return the language that `lang` names, else the one that the browser likes best."""
    return language_named(request.args.get("lang", "")) or accepted_language()
