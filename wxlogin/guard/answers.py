"""The last line before an answer leaves: none holds a secret that this process holds."""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, request

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.vault.held import held

logger = structlog.get_logger(__name__)


def bind_answers(app: Flask) -> None:
    """Look through every answer, and forget a request's session_keys when it ends."""
    app.after_request(_stop_leak)
    app.teardown_request(_forget)


def _stop_leak(response: Response) -> Response:
    """Answer INTERNAL where a header or the body holds a secret, by its value."""
    leaked = held.found_in(_said(response))
    if leaked is None:
        return response
    logger.error("secret.leak_blocked", kind=leaked, endpoint=request.endpoint)
    # The app's own handler renders it: replies.py stands above this layer.
    return current_app.make_response(current_app.handle_user_exception(ApiError(errors.INTERNAL)))


def _said(response: Response) -> str:
    """The values of the headers and the body; files that are sent as they lie are left alone."""
    body = b"" if response.direct_passthrough else response.get_data()
    return "\n".join([*response.headers.values(), body.decode("latin-1")])


def _forget(_error: BaseException | None) -> None:
    held.forget_touched()
