"""The calls about the service itself."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import flask_openapi_swagger
from flask import Response, current_app, jsonify, render_template, request, send_from_directory
from flask_openapi import APIBlueprint, OpenAPI, Tag

from wxlogin import errors
from wxlogin.engines import engines
from wxlogin.guard.monitors import require_monitor
from wxlogin.meta import schemas, service
from wxlogin.openapi import refusals
from wxlogin.replies import answer
from wxlogin.watch.metrics import CONTENT_TYPE

SWAGGER = Path(flask_openapi_swagger.__file__).parent / "templates" / "swagger"

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


@meta.get("/readyz", responses={200: schemas.Readiness, **refusals(errors.STORE_UNAVAILABLE)})
def readyz() -> Response:
    """Say whether Redis, the database and its migrations are in order."""
    return answer(service.readiness(engines))


@meta.route("/metrics")
def metrics() -> Response:
    """Give the numbers to Prometheus."""
    require_monitor(engines.settings, request)
    return Response(service.numbers(engines), content_type=CONTENT_TYPE)


@meta.route("/v1/openapi.json")
def openapi() -> Response:
    """Give the OpenAPI document."""
    return jsonify(cast("OpenAPI", current_app).api_doc)


@meta.route("/docs")
def docs() -> str:
    """Show the OpenAPI document."""
    return render_template("meta/docs.html")


@meta.route("/docs/swagger/<path:name>")
def swagger(name: str) -> Response:
    """Serve Swagger UI's files from its package."""
    return send_from_directory(SWAGGER, name)
