"""The page with the phones, and what its scripts ask for."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from flask_openapi import APIBlueprint

from wxlogin.guard.accepted_language import wanted_language
from wxlogin.guard.bodies import read_body, require_json
from wxlogin.guard.request_context import request_info
from wxlogin.languages import TAGS
from wxlogin.phones import service
from wxlogin.phones.schemas import State
from wxlogin.phones.words import WORDS
from wxlogin.responses import answer
from wxlogin.services import services

PASSED_ON = '"code","phone-code","phone","rotate","faults","orders"'
"""What the page asks of the sandbox."""

phones = APIBlueprint(
    "phones",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/sandbox/static",
)


@phones.before_request
def guard() -> None:
    """Refuse other machines, and forms of other sites' pages."""
    service.require_this_machine(request_info().address, request.host)
    require_json()


@phones.route("/sandbox/", strict_slashes=False)
def show() -> Response:
    """Show two phones and a browser, in the language of `lang` or of the browser."""
    language = wanted_language()
    tag, words, settings = TAGS[language], WORDS[language], services.settings
    shown = render_template("phones/page.html", tag=tag, words=words, settings=settings)
    response = make_response(shown)
    response.vary.add("Accept-Language")
    return response


@phones.route("/sandbox/client.js")
def client() -> Response:
    """Give the built client, as it stands in miniprogram/dist/."""
    return Response(service.client_module(), mimetype="text/javascript")


@phones.route("/sandbox/state")
def state() -> Response:
    """Say which policy holds."""
    return answer(State(single_device=services.settings.single_device_login))


@phones.route(f"/sandbox/<any({PASSED_ON}):name>", methods=["GET", "POST", "DELETE"])
def pass_on(name: str) -> Response:
    """Have the sandbox do what it does under this name."""
    base = services.settings.wx_api_base
    body, status = service.ask_sandbox(base, request.method, name, read_body())
    return Response(body, status, mimetype="application/json")
