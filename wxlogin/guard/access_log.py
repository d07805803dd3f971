"""The access log: one line for each request.

Operators select the line by its logger, which is named after this file.
"""

from __future__ import annotations

import logging

from wxlogin.guard.request_context import RequestInfo
from wxlogin.logs.redaction import redact

LONGEST_PATH = 200

logger = logging.getLogger(__name__)


def log_request(info: RequestInfo) -> None:
    """Write the line of an answered request."""
    if not logger.isEnabledFor(logging.INFO):
        return
    path = info.path
    if len(path) > LONGEST_PATH:  # redacted before it is cut: half a secret is not recognised
        path = redact(path)[:LONGEST_PATH]
    line = {
        "event": "request",
        "method": info.method,
        "path": path,
        "status": info.status,
        "ms": round(info.milliseconds, 1),
        "address": info.address,
    }
    # `logger.info` would first look for its caller.
    logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, line, (), None))
