"""Renders every refusal as problem+json, and maps exceptions of libraries to our errors."""

from __future__ import annotations

import json
import logging
from typing import cast

from flask import Flask, Response, current_app, request
from flask_limiter import RateLimitExceeded
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from wxlogin import errors, field_words, metrics
from wxlogin.error_mapping import FAILURES, api_error
from wxlogin.error_words import said
from wxlogin.errors import ApiError, Entry
from wxlogin.extensions import limiter
from wxlogin.guard.accepted_language import accepted_language
from wxlogin.guard.request_context import request_info
from wxlogin.languages import TAGS
from wxlogin.limits.errors import RateLimited
from wxlogin.limits.rate_limits import LIMITS
from wxlogin.limits.storage import current_rate_limits
from wxlogin.redisdb.causes import explain
from wxlogin.service_error import ServiceError

logger = logging.getLogger(__name__)

STORE_FAULTS = (RedisError, DatabaseError, InterfaceError, PoolTimeoutError)
"""A store that does not answer does not say who is signed in: 503, never 401."""

PROBLEM = "application/problem+json"
IN_HEADER = "auth"
"""The blueprint whose refusals stand in `X-Wxlogin-Problem` too: of an answer to `auth_request`,
nginx reads the headers alone."""
BY_STATUS: dict[int, Entry] = {
    400: errors.INVALID_REQUEST,
    404: errors.NOT_FOUND,
    405: errors.METHOD_NOT_ALLOWED,
    413: errors.PAYLOAD_TOO_LARGE,
    415: errors.UNSUPPORTED_MEDIA_TYPE,
}


def register(app: Flask) -> None:
    """Answer every refusal and every fault as problem+json.

    Each becomes an ApiError first: whoever answers ApiError in another way answers all of them.
    """
    app.register_error_handler(ApiError, render)
    app.register_error_handler(ServiceError, _service)
    app.register_error_handler(RateLimited, _limited)
    app.register_error_handler(RateLimitExceeded, _limit_exceeded)
    app.register_error_handler(HTTPException, _http)
    for fault in STORE_FAULTS:
        app.register_error_handler(fault, _store)
    for ours in (IntegrityError, DataError, Exception):  # what we wrote is wrong, not the store
        app.register_error_handler(ours, _internal)


def answer(model: BaseModel, status: int = 200) -> Response:
    """Return a success that has personal data or a token: no proxy may cache it."""
    return Response(
        model.model_dump_json(),
        status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def attachment(model: BaseModel, name: str) -> Response:
    """Return a success as `answer` does, which a browser saves as a file of this name."""
    response = answer(model)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def refuse(error: ApiError) -> Response:
    """Answer a refusal as the error handler of ApiError does, the blueprint's or the app's."""
    return current_app.make_response(current_app.handle_user_exception(error))


def render(error: ApiError) -> Response:
    """Return the problem+json that says what went wrong and what to do, in either language."""
    language = accepted_language()
    reasons = [field_words.said(why, language) for _, why in error.fields]
    document = error.document(request_info().request_id, said(error, language), reasons)
    body = json.dumps(document, ensure_ascii=False)
    response = Response(body, status=error.entry.status, mimetype=PROBLEM)
    response.headers["Content-Language"] = TAGS[language]
    if request.blueprint == IN_HEADER:
        response.headers["X-Wxlogin-Problem"] = json.dumps(document)
    return mark_refusal(response, error)


def mark_refusal(response: Response, error: ApiError) -> Response:
    """Set the headers of a refusal, which logs, metrics and events read too."""
    response.headers["X-Wxlogin-Error"] = error.entry.code
    response.headers["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.entry.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _service(error: ServiceError) -> Response:
    request_info().failure = FAILURES.get(type(error))
    return refuse(api_error(error))


def _limited(error: RateLimited) -> Response:
    # A limit that is none of the settings' is counted under its endpoint, of which there are few.
    metrics.rate_limited(error.limit if error.limit in LIMITS else request.endpoint).inc()
    return refuse(api_error(error))


def _limit_exceeded(error: RateLimitExceeded) -> Response:
    """Answer what Flask-Limiter refuses, with a decorator's `on_breach` answer or message."""
    if error.response is not None:
        return cast("Response", error.response)
    rates = current_rate_limits()
    refusal = rates.reached([rates.window_of(x.key) for x in limiter.current_limits if x.breached])
    if error.limit.error_message:
        refusal.detail = str(error.description)
    return _limited(refusal)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    entry = BY_STATUS.get(status, errors.INVALID_REQUEST if status < 500 else errors.INTERNAL)
    fields = [("body", "is not valid JSON with every name once")] if status == 400 else []
    if status in (400, 413):
        request_info().failure = "fail_body"
    response = refuse(ApiError(entry, fields=fields))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _store(error: Exception) -> Response:
    logger.error("a store is out: %s", _cause(error))
    return refuse(ApiError(errors.STORE_UNAVAILABLE))


def _cause(error: Exception) -> str:
    if isinstance(error, RedisError):
        return explain(error)
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"


def _internal(error: Exception) -> Response:
    logger.error("unexpected", exc_info=error)
    return refuse(ApiError(errors.INTERNAL))
