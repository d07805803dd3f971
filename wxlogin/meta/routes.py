"""The calls about the service itself."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import cast

import flask_openapi_scalar
from flask import (
    Response,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask_openapi import APIBlueprint, OpenAPI, Tag

from wxlogin import errors
from wxlogin.doctor import invitation
from wxlogin.guard.accepted_language import wanted_language
from wxlogin.guard.metrics_access import require_monitor
from wxlogin.guard.request_context import request_info
from wxlogin.meta import schemas, service
from wxlogin.meta.document import Documents
from wxlogin.metrics import CONTENT_TYPE
from wxlogin.openapi import refusals
from wxlogin.responses import answer
from wxlogin.services import services

SCALAR = Path(flask_openapi_scalar.__file__).parent / "templates/scalar/js"

meta = APIBlueprint(
    "meta",
    __name__,
    abp_tags=[Tag(name="Service", description="The service about itself.")],
    template_folder="templates",
    static_folder="static",
    static_url_path="/docs/static",
)


@meta.get("/healthz", responses={200: schemas.Health})
def healthz() -> Response:
    """Say that the process answers."""
    return answer(schemas.Health(status="ok"))


@meta.get("/readyz", responses={**refusals(), 200: schemas.Readiness, 503: schemas.Readiness})
def readyz() -> Response:
    """Say whether sessions can be answered and written, and how each part is."""
    found = service.readiness(services.watch.readiness)
    return answer(found, found.code)


@meta.get("/.well-known/jwks.json", responses={200: schemas.KeySet, **refusals(errors.NOT_FOUND)})
def key_set() -> Response:
    """List the public keys that verify `X-Wxlogin-Assertion` (RFC 7517)."""
    response = answer(service.key_set(services.sessions.assertions))
    response.headers["Cache-Control"] = f"public, max-age={service.KEYS_LIVE}"
    return response


@meta.route("/metrics")
def metrics() -> Response:
    """Return the metrics for Prometheus."""
    require_monitor(services.settings.metrics_token, request)
    found = service.exposition(services.sessions.store, services.webhooks.history)
    return Response(found, content_type=CONTENT_TYPE)


@meta.route(f"{invitation.PATH}<nonce>")
def seen(nonce: str) -> Response:
    """Tell the doctor how its own call arrived; NOT_FOUND for anybody else."""
    service.require_doctor(services.redis, nonce)
    return jsonify(service.arrival(request_info(), request.headers.get("X-Forwarded-For", "")))


@meta.route("/v1/openapi.json")
def openapi() -> Response:
    """Give the OpenAPI document: all of it, or by `part` the calls of one kind of caller."""
    app = cast("OpenAPI", current_app)
    documents = app.extensions.setdefault("wxlogin.documents", Documents(lambda: app.api_doc))
    text = documents.text(request.args.get("part", ""), wanted_language())
    response = Response(text, mimetype="application/json")
    response.vary.add("Accept-Language")
    return response


@meta.route("/docs")
def docs() -> Response:
    """Show the OpenAPI document, a kind of caller at a time: phones first."""
    language, nonce = wanted_language(), secrets.token_urlsafe(16)
    shown = render_template("meta/docs.html", **service.reference(language), nonce=nonce)
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = service.reference_policy(nonce)
    response.vary.add("Accept-Language")
    return response


@meta.route("/docs/", defaults={"name": ""})
@meta.route("/docs/<path:name>")
def site(name: str) -> Response:
    """Serve the documentation as `make site` built it; NOT_FOUND in production."""
    folder, file = service.site_file(services.settings, name)
    response = send_from_directory(folder, file)
    response.headers["Content-Security-Policy"] = service.SITE_POLICY
    return response


@meta.route("/docs/scalar/<path:name>")
def scalar(name: str) -> Response:
    """Serve Scalar's script from its package."""
    return send_from_directory(SCALAR, name)
