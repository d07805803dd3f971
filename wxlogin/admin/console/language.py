"""The console's languages: chosen by a cookie, else by the browser; catalogues read from .po."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from flask_babel import Babel, Domain, get_locale

from wxlogin.admin.console.answers import back_to
from wxlogin.admin.console.blueprint import console
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted
from wxlogin.operators.permissions import PUBLIC

LANGUAGES = {"en": "English", "zh": "中文"}
TAGS = {"en": "en", "zh": "zh-CN"}
COOKIE = "wxlogin_language"
YEAR = 31_536_000
CATALOGUES = Path(__file__).parents[1] / "translations"


class Catalogues(Domain):  # type: ignore[misc]
    """The messages, compiled as the process starts, so that no compiled file can be stale."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the request's language; English stands in the code itself."""
        return _catalogue(language())


def bind_language(app: Flask) -> None:
    """Let templates and views speak the reader's language; times are UTC until a script helps."""
    babel = Babel(app, locale_selector=_chosen)
    babel.domain_instance = Catalogues()


def language() -> str:
    """The language of this request: a key of LANGUAGES."""
    return str(get_locale())


@console.post("/language")
@permitted(PUBLIC)
def switch_language() -> Response:
    """Keep the language that was chosen, and go back. It changes nothing of anybody's."""
    chosen = request.form.get("language", "")
    answer = back_to(request.form.get("back", ""))
    if chosen in LANGUAGES:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR,
            path="/admin",
            secure=engines.settings.require_https,
            httponly=True,
            samesite="Lax",
        )
    return answer


def _chosen() -> str:
    kept = request.cookies.get(COOKIE, "")
    return kept if kept in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"


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
