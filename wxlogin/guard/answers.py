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

UNKEPT = ("Cache-Control", "no-store")
"""How an answer is kept that does not say so itself: by nobody."""

logger = structlog.get_logger(__name__)


def bind_exit(app: Flask, engines: Engines) -> None:
    """Hang the exit; of these hooks the one that is hung first is called last."""

    def leave(response: Response) -> Response:
        here = passage()
        here.endpoint = request.endpoint
        answer = _without_secrets(engines, here, response)
        here.status = answer.status_code
        here.refusal = answer.headers.get("X-Wxlogin-Error", "")
        for name, value in carried(engines, here, page=answer.mimetype == "text/html"):
            answer.headers[name] = value
        answer.headers.setdefault(*UNKEPT)
        conclude(engines, here)
        return answer

    app.after_request(leave)


def carried(engines: Engines, here: Passage, *, page: bool) -> list[tuple[str, str]]:
    """The headers that every answer carries."""
    pinned = engines.settings.require_https and here.https
    return [(HEADER, here.request_id), *protection(page=page, pinned=pinned)]


def conclude(engines: Engines, here: Passage) -> None:
    """What is done about every request once its answer stands, whoever made it."""
    unknown_path = here.endpoint in (None, METRICS) and here.status in (404, 405)
    if unknown_path or here.refusal in FAILURES:
        engines.failures.count(here.address_key)
    if here.refusal:
        engines.recorder.refused(
            here.refusal,
            here.endpoint or "",
            user=here.user,
            address=here.address,
            app=here.caller.session.app if here.caller else "",
        )
    if here.endpoint not in PROBES:
        tell(here)
    measure(here)


def refuse_secrets(engines: Engines, here: Passage, said: str) -> None:
    """INTERNAL instead of an answer that would hold a secret that this process holds."""
    leaked = held.found_in(said)
    if leaked is None:
        return
    endpoint = here.endpoint or ""
    logger.error("secret.leak_blocked", kind=leaked, endpoint=endpoint)
    engines.recorder.record(LeakBlocked(secret=leaked, endpoint=endpoint, address=here.address))
    raise ApiError(errors.INTERNAL)


def _without_secrets(engines: Engines, here: Passage, response: Response) -> Response:
    try:
        refuse_secrets(engines, here, _said(response))
    except ApiError as refusal:
        # The app's own handler renders it: replies.py stands above this layer.
        return current_app.make_response(current_app.handle_user_exception(refusal))
    return response


def _said(response: Response) -> str:
    """The values of the headers and the body; files that are sent as they lie are left alone."""
    body = b"" if response.direct_passthrough else response.get_data()
    return "\n".join([*response.headers.values(), body.decode("latin-1")])
