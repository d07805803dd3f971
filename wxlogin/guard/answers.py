"""The one exit: what every answer carries, what none may hold, and what is told of it."""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, request

from wxlogin import errors
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.guard.access_log import tell
from wxlogin.guard.measures import measure
from wxlogin.guard.monitors import METRICS
from wxlogin.guard.passage import Passage, passage
from wxlogin.guard.request_id import HEADER
from wxlogin.guard.transport import PROBES, protection
from wxlogin.vault.held import held
from wxlogin.watch.events import LeakBlocked

FAILURES = {errors.CODE_INVALID.code, errors.TOKEN_INVALID.code}
"""What counts against an address; refusals by policy never do."""

logger = structlog.get_logger(__name__)


def bind_exit(app: Flask, engines: Engines) -> None:
    """Hang the exit; of these hooks the one that is hung first is called last."""

    def leave(response: Response) -> Response:
        answer, here = _without_secrets(engines, response), passage()
        here.endpoint, here.status = request.endpoint, answer.status_code
        here.refusal = answer.headers.get("X-Wxlogin-Error", "")
        answer.headers[HEADER] = here.request_id
        _protect(answer, pinned=engines.settings.require_https and here.https)
        conclude(engines, here)
        return answer

    app.after_request(leave)


def conclude(engines: Engines, passage: Passage) -> None:
    """What is done about every request once its answer stands, whoever made it."""
    unknown_path = passage.endpoint in (None, METRICS) and passage.status in (404, 405)
    if unknown_path or passage.refusal in FAILURES:
        engines.failures.count(passage.address_key)
    if passage.refusal:
        engines.recorder.refused(
            passage.refusal,
            passage.endpoint or "",
            user=passage.user,
            address=passage.address,
            app=passage.caller.session.app if passage.caller else "",
        )
    if passage.endpoint not in PROBES:
        tell(passage)
    measure(passage)


def _without_secrets(engines: Engines, response: Response) -> Response:
    """Answer INTERNAL where a header or the body holds a secret, by its value."""
    leaked = held.found_in(_said(response))
    if leaked is None:
        return response
    logger.error("secret.leak_blocked", kind=leaked, endpoint=request.endpoint)
    engines.recorder.record(
        LeakBlocked(secret=leaked, endpoint=request.endpoint or "", address=passage().address)
    )
    # The app's own handler renders it: replies.py stands above this layer.
    return current_app.make_response(current_app.handle_user_exception(ApiError(errors.INTERNAL)))


def _said(response: Response) -> str:
    """The values of the headers and the body; files that are sent as they lie are left alone."""
    body = b"" if response.direct_passthrough else response.get_data()
    return "\n".join([*response.headers.values(), body.decode("latin-1")])


def _protect(response: Response, *, pinned: bool) -> None:
    for name, value in protection(page=response.mimetype == "text/html", pinned=pinned):
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
