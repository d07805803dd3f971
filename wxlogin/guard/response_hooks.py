"""What happens to every answer: common headers, no secret in it, counted and logged."""

from __future__ import annotations

from functools import cache

import structlog
from flask import Flask, Response, current_app, request

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.access_log import log_request
from wxlogin.guard.metrics_access import METRICS
from wxlogin.guard.request_context import PROBES, REQUEST_ID, RequestInfo, request_info
from wxlogin.guard.request_metrics import measure
from wxlogin.limits.errors import RateLimited
from wxlogin.limits.failures import Failures
from wxlogin.vault.leak_guard import leak_guard
from wxlogin.watch.events import LeakBlocked
from wxlogin.watch.recorder import Recorder

HIDDEN = frozenset({None, METRICS, "meta.seen"})
"""Endpoints whose NOT_FOUND counts as an unknown path: they do not show that they are there."""

NO_STORE = ("Cache-Control", "no-store")
"""Added to every answer that has no Cache-Control of its own."""

EVERY_HEADER = {"X-Content-Type-Options": "nosniff"}
# One year, without includeSubDomains: the subdomains may belong to other services.
HSTS = "max-age=31536000"
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
DATA_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# Under no-referrer a browser would send the forms of our own pages with `Origin: null`.
PAGE_HEADERS = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "same-origin"}

logger = structlog.get_logger(__name__)


def bind_response_hooks(
    app: Flask, failures: Failures, recorder: Recorder, *, require_https: bool
) -> None:
    """Finish every answer here; of these hooks Flask calls the one bound first last."""

    def finish_response(response: Response) -> Response:
        info = request_info()
        info.endpoint = request.endpoint
        answer = _within_failures(failures, info, _without_secrets(recorder, info, response))
        info.status = answer.status_code
        info.refusal = answer.headers.get("X-Wxlogin-Error", "")
        page = answer.mimetype == "text/html"
        for name, value in common_headers(info, page=page, require_https=require_https):
            answer.headers.setdefault(name, value)
        answer.headers.setdefault(*NO_STORE)
        finish_request(failures, recorder, info)
        return answer

    app.after_request(finish_response)


def common_headers(info: RequestInfo, *, page: bool, require_https: bool) -> list[tuple[str, str]]:
    """Return the headers that every answer has."""
    pinned = require_https and info.https
    return [(REQUEST_ID, info.request_id), *_security_headers(page=page, pinned=pinned)]


def finish_request(failures: Failures, recorder: Recorder, info: RequestInfo) -> None:
    """Count, record and log a request once Flask has made its answer."""
    if info.failure:
        failures.count(info.address_key, info.failure)
    forged = info.refusal != errors.TOKEN_INVALID.code or info.failure == "fail_token"
    if info.refusal and forged:
        recorder.refused(
            info.refusal,
            info.endpoint or "",
            user=info.user,
            address=info.address,
            app=info.caller.session.app if info.caller else "",
        )
    if info.endpoint not in PROBES:
        log_request(info)
    measure(info)


def block_secrets(recorder: Recorder, info: RequestInfo, text: str) -> None:
    """Raise INTERNAL, and record it, if an answer contains a secret that this process knows."""
    leaked = leak_guard.find(text)
    if leaked is None:
        return
    endpoint = info.endpoint or ""
    logger.error("secret.leak_blocked", kind=leaked, endpoint=endpoint)
    recorder.record(LeakBlocked(secret=leaked, endpoint=endpoint, address=info.address))
    raise ApiError(errors.INTERNAL)


@cache
def _security_headers(*, page: bool, pinned: bool) -> tuple[tuple[str, str], ...]:
    """Return the security headers of a page or of data; `pinned` binds the host to HTTPS."""
    headers = {**EVERY_HEADER, **(PAGE_HEADERS if page else DATA_HEADERS)}
    if pinned:
        headers["Strict-Transport-Security"] = HSTS
    return tuple(headers.items())


def _within_failures(failures: Failures, info: RequestInfo, response: Response) -> Response:
    """Return the response, or RATE_LIMITED for one failure too many of its kind.

    Bad codes are refused before WeChat is asked (see `guard/gate.py`).
    """
    if info.endpoint in HIDDEN and response.status_code in (404, 405):
        info.failure = "fail_path"
    if info.failure and info.failure != "fail_code" and not info.is_proven:
        try:
            failures.refuse_known(info.address_key, info.failure)
        except RateLimited as refusal:
            info.failure = None
            return current_app.make_response(current_app.handle_user_exception(refusal))
    return response


def _without_secrets(recorder: Recorder, info: RequestInfo, response: Response) -> Response:
    try:
        block_secrets(recorder, info, _text(response))
    except ApiError as refusal:
        # The app's own handler renders it: this layer may not import responses.py.
        return current_app.make_response(current_app.handle_user_exception(refusal))
    return response


def _text(response: Response) -> str:
    """Return the values of the headers and the body; files sent from disk are not read."""
    body = b"" if response.direct_passthrough else response.get_data()
    return "\n".join([*response.headers.values(), body.decode("latin-1")])
