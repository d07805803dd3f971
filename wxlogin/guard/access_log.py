"""One line a request."""

from __future__ import annotations

import logging

from wxlogin.guard.passage import Passage
from wxlogin.guard.redaction import redact

LONGEST_PATH = 200

logger = logging.getLogger(__name__)


def tell(passage: Passage) -> None:
    """Write the line of a request that is answered."""
    if not logger.isEnabledFor(logging.INFO):
        return
    path = passage.path
    if len(path) > LONGEST_PATH:  # redacted before it is cut, since half a secret has no shape
        path = redact(path)[:LONGEST_PATH]
    line = {
        "event": "request",
        "method": passage.method,
        "path": path,
        "status": passage.status,
        "ms": round(passage.milliseconds, 1),
        "address": passage.address,
    }
    # `logger.info` would first look for who calls.
    logger.handle(logger.makeRecord(logger.name, logging.INFO, "", 0, line, (), None))
