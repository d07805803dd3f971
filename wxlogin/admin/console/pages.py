"""Pages: a template, and what every one of them knows."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, render_template, request

from wxlogin.admin.console.answers import notice, safe, take_notice_away
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.formats import FILTERS
from wxlogin.admin.console.language import LANGUAGES, TAGS, bind_language, language
from wxlogin.admin.console.may import may
from wxlogin.admin.console.places import navigation, stands_at
from wxlogin.admin.console.words import WORDS
from wxlogin.guard.operators import SignedIn


def bind_console(app: Flask) -> None:
    """Serve the console: its pages in its languages."""
    bind_language(app)
    app.jinja_env.filters.update({**FILTERS, **WORDS})
    app.register_blueprint(console)
    app.after_request(take_notice_away)


def page(name: str, **known: Any) -> str:
    """Draw the page of this name."""
    return render_template(f"console/{name}.html", **frame(), **known)


def frame() -> dict[str, Any]:
    """What every page is drawn with; more of it where an admin is signed in."""
    always = {
        "language": language(),
        "language_tags": TAGS,
        "languages_by_name": LANGUAGES,
        "here": safe(request.full_path.rstrip("?") if request.method == "GET" else request.path),
        "notice": notice(),
    }
    who = g.get("operator")
    if not isinstance(who, SignedIn):
        return always
    return {
        **always,
        "admin": who.admin,
        "csrf_token": who.csrf_token,
        "may": may,
        "places": navigation,
        "stands_at": stands_at,
    }
