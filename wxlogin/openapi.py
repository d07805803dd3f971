"""How calls and refusals are described in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from flask_openapi.models import SecurityScheme
from pydantic import BaseModel

from wxlogin import errors
from wxlogin.errors import Action, Entry

BEARER: list[dict[str, list[str]]] = [{"session": []}]
OPERATOR: list[dict[str, list[str]]] = [{"admin": []}, {"api_token": []}]
API_TOKEN: list[dict[str, list[str]]] = [{"api_token": []}]
OPENAPI_VERSION = "3.1.1"
"""The one that most tools read; it is the first that has `webhooks`."""

SECURITY_SCHEMES: dict[str, SecurityScheme | dict[str, Any]] = {
    "session": SecurityScheme(
        type="http",
        scheme="bearer",
        description="The token that a login answered. Where requests must be signed, a call that "
        "changes something needs X-Wxlogin-Timestamp, X-Wxlogin-Nonce and X-Wxlogin-Signature too.",
    ),
    "admin": SecurityScheme(
        type="apiKey",
        **{"in": "cookie"},
        name="wxlogin_admin",
        description="The cookie of a sign-in. A call that changes something needs its csrf_token "
        "in X-CSRF-Token too.",
    ),
    "api_token": SecurityScheme(
        type="http", scheme="bearer", description="An API token (`wxa_`) with a scope for the call."
    ),
}
CSV_LISTS = tuple(
    f"/admin/api/{name}"
    for name in (
        "users",
        "sessions",
        "events",
        "audit",
        "alerts",
        "admins",
        "tokens",
        "apps",
        "webhooks",
        "webhooks/{id}/deliveries",
    )
)
"""Lists that answer `Accept: text/csv`."""
ANYWHERE = (
    errors.HTTPS_REQUIRED,
    errors.INVALID_REQUEST,
    errors.PAYLOAD_TOO_LARGE,
    errors.UNSUPPORTED_MEDIA_TYPE,
    errors.RATE_LIMITED,
    errors.STORE_UNAVAILABLE,
    errors.INTERNAL,
)
WITH_SESSION = (
    errors.TOKEN_MISSING,
    errors.TOKEN_INVALID,
    errors.SESSION_EXPIRED,
    errors.SESSION_REPLACED,
    errors.SESSION_REVOKED,
    errors.USER_BANNED,
    errors.REQUEST_UNSIGNED,
    errors.REQUEST_SIGNATURE_INVALID,
    errors.REQUEST_EXPIRED,
    errors.REQUEST_REPLAYED,
)
WITH_OPERATOR = (
    errors.TOKEN_MISSING,
    errors.TOKEN_INVALID,
    errors.SESSION_EXPIRED,
    errors.SESSION_REVOKED,
    errors.CSRF_FAILED,
    errors.FORBIDDEN,
)
WITH_API_TOKEN = (errors.TOKEN_MISSING, errors.TOKEN_INVALID, errors.FORBIDDEN)
WITH_WECHAT = (
    errors.APP_UNKNOWN,
    errors.WX_RATE_LIMITED,
    errors.WX_UNAVAILABLE,
    errors.WX_MISCONFIGURED,
)
WITH_CODE = (*WITH_WECHAT, errors.CODE_INVALID, errors.CODE_USED, errors.WX_USER_BLOCKED)
WITH_DATA = (
    errors.SESSION_KEY_EXPIRED,
    errors.DATA_INVALID,
    errors.DATA_STALE,
    errors.SIGNATURE_MISMATCH,
)


class FieldFault(BaseModel):
    """One field of a body that is wrong."""

    field: str
    reason: str


class Problem(BaseModel):
    """A refusal (RFC 9457). `action` says what the mini-program should do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    action: Action
    request_id: str
    errors: list[FieldFault] | None = None


def with_csv(api_doc: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose lists can also be had as CSV."""
    paths = dict(api_doc["paths"])
    for path in CSV_LISTS:
        get = paths[path]["get"]
        content = {**get["responses"]["200"]["content"], "text/csv": {"schema": {"type": "string"}}}
        ok = {**get["responses"]["200"], "content": content}
        paths[path] = {**paths[path], "get": {**get, "responses": {**get["responses"], "200": ok}}}
    return {**api_doc, "paths": paths}


def optional_body(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that may be left out."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"required": False, "content": {"application/json": {"schema": schema}}}


def form_body(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body that is a form."""
    schema = model.model_json_schema()
    return {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


def refusals(*entries: Entry) -> dict[str | int, Any]:
    """Return the answers other than success by status, each with its error codes."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    by_status: dict[int, list[str]] = {}
    for entry in dict.fromkeys((*entries, *ANYWHERE)):
        by_status.setdefault(entry.status, []).append(f"`{entry.code}`")
    return {
        status: {
            "description": ", ".join(codes),
            "content": {"application/problem+json": {"schema": schema}},
        }
        for status, codes in by_status.items()
    }
