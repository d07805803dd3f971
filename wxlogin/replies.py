"""The one renderer of refusals, and the table of foreign exceptions that become ours."""

from __future__ import annotations

import json
import logging

from flask import Flask, Response
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from wxlogin import errors
from wxlogin.errors import ApiError, Entry
from wxlogin.guard.passage import passage
from wxlogin.sessions.windows import RateLimited
from wxlogin.watch import metrics

logger = logging.getLogger(__name__)

STORE_FAULTS = (RedisError, DatabaseError, InterfaceError, PoolTimeoutError)
"""A store that does not answer says nothing about who is signed in: 503, never 401."""

PROBLEM = "application/problem+json"
BY_STATUS: dict[int, Entry] = {
    400: errors.INVALID_REQUEST,
    404: errors.NOT_FOUND,
    405: errors.METHOD_NOT_ALLOWED,
    413: errors.PAYLOAD_TOO_LARGE,
    415: errors.UNSUPPORTED_MEDIA_TYPE,
}


def register(app: Flask) -> None:
    """Answer every refusal and every fault as problem+json."""
    app.register_error_handler(ApiError, render)
    app.register_error_handler(RateLimited, _limited)
    app.register_error_handler(HTTPException, _http)
    for fault in STORE_FAULTS:
        app.register_error_handler(fault, _store)
    for ours in (IntegrityError, DataError, Exception):  # what we wrote is wrong, not the store
        app.register_error_handler(ours, _internal)


def answer(model: BaseModel) -> Response:
    """A success that carries personal data or a token: nobody on the way may keep it."""
    return Response(
        model.model_dump_json(),
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def render(error: ApiError) -> Response:
    """The answer that tells the caller what went wrong and what to do."""
    response = Response(
        json.dumps(error.document(passage().request_id), ensure_ascii=False),
        status=error.entry.status,
        mimetype=PROBLEM,
    )
    response.headers["X-Wxlogin-Error"] = error.entry.code
    response.headers["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if error.entry.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _limited(error: RateLimited) -> Response:
    metrics.rate_limited(error.limit).inc()
    return render(error)


def repeat_in_header(response: Response) -> Response:
    """Say a refusal in `X-Wxlogin-Problem` too: of the answer to an `auth_request` nginx keeps
    nothing but headers."""
    if response.mimetype == PROBLEM:
        response.headers["X-Wxlogin-Problem"] = json.dumps(response.get_json(force=True))
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    entry = BY_STATUS.get(status, errors.INVALID_REQUEST if status < 500 else errors.INTERNAL)
    fields = [("body", "is not valid JSON with every name once")] if status == 400 else []
    response = render(ApiError(entry, fields=fields))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _store(error: Exception) -> Response:
    cause = str(error).partition("\n")[0]
    logger.error("a store is out: %s: %s", type(error).__name__, cause)
    return render(ApiError(errors.STORE_UNAVAILABLE))


def _internal(error: Exception) -> Response:
    logger.error("unexpected", exc_info=error)
    return render(ApiError(errors.INTERNAL))
