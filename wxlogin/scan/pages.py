"""The ready page: it begins a scan, shows the picture, and hands the session to who opened it."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_openapi import APIBlueprint

from wxlogin.guard.accepted_language import wanted_language
from wxlogin.languages import TAGS
from wxlogin.scan import words
from wxlogin.scan.embedding import content_policy, receiver_of
from wxlogin.services import services

page = APIBlueprint(
    "scan_page",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/scan/static",
)


@page.route("/scan/", strict_slashes=False)
def show() -> Response:
    """Show the page, in the language of `lang` or of the browser."""
    origins = services.settings.web_origins
    language = wanted_language()
    shown = render_template(
        "scan/page.html",
        tag=TAGS[language],
        words=words.WORDS[language],
        receiver=receiver_of(request.args.get("origin", ""), origins),
        appid=request.args.get("appid", ""),
    )
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = content_policy(origins)
    response.vary.add("Accept-Language")
    return response
