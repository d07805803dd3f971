"""The console's languages: set by a cookie, else by the browser; catalogues are read from .po."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from flask_babel import Babel, Domain, get_locale

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.notices import redirect_to
from wxlogin.guard.accepted_language import accepted_language
from wxlogin.guard.admin_gate import permitted
from wxlogin.languages import LANGUAGES, Language
from wxlogin.operators.permissions import PUBLIC
from wxlogin.services import services

NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}
COOKIE = "wxlogin_language"
YEAR = 31_536_000
CATALOGUES = Path(__file__).parent / "translations"


class Catalogues(Domain):  # type: ignore[misc]
    """The messages, compiled on first use, so that no compiled file can be stale."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language; the code itself is in English."""
        return _catalogue(language())


def bind_language(app: Flask, timezone: ZoneInfo) -> None:
    """Translate templates and views, and show their times in this zone."""
    babel = Babel(app, locale_selector=_select_language, default_timezone=timezone.key)
    babel.domain_instance = Catalogues()


def language() -> Language:
    """Return the language of this request."""
    return "zh" if str(get_locale()) == "zh" else "en"


@console.post("/language")
@permitted(PUBLIC)
def switch_language() -> Response:
    """Set the cookie of a language, and go back. No account changes."""
    chosen = request.form.get("language", "")
    response = redirect_to(request.form.get("back", ""))
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR,
            path="/admin",
            secure=services.settings.secure_cookies,
            httponly=True,
            samesite="Lax",
        )
    return response


def _select_language() -> str:
    cookie = request.cookies.get(COOKIE, "")
    return cookie if cookie in LANGUAGES else accepted_language()


@cache
def _catalogue(name: str) -> NullTranslations:
    source = CATALOGUES / f"{name}.po"
    if not source.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with source.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=name))
    compiled.seek(0)
    return Translations(compiled)
