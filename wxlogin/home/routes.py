"""The page at `/`."""

from __future__ import annotations

from flask import Response, current_app, make_response, render_template
from flask_openapi import APIBlueprint

from wxlogin.guard.accepted_language import accepted_language
from wxlogin.home import service
from wxlogin.home.words import WORDS
from wxlogin.languages import TAGS
from wxlogin.services import services

home = APIBlueprint(
    "home",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/home",
)


@home.route("/")
def show() -> Response:
    """Say what runs here; in production nothing but the name."""
    language, settings = accepted_language(), services.settings
    parts, places = [], []
    if not settings.production:
        parts = service.parts(settings, services.watch.readiness)
        phones = "phones" in current_app.blueprints
        places = service.places(settings, language, phones=phones)
    tag, words = TAGS[language], WORDS[language]
    shown = render_template("home/page.html", tag=tag, words=words, parts=parts, places=places)
    response = make_response(shown)
    response.vary.add("Accept-Language")
    return response
