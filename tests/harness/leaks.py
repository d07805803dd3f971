"""What a run left behind, searched for what must never be there."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable
from urllib.parse import quote


class LogRecorder(logging.Handler):
    """Keeps every line that was logged, at every level, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))


def forms(secret: str) -> set[bytes]:
    """The secret as it may stand somewhere: plain, percent-encoded, base64."""
    return {
        secret.encode(),
        quote(secret, safe="").encode(),
        base64.b64encode(secret.encode()).rstrip(b"="),
    }


def found(secrets: Iterable[str], texts: Iterable[bytes]) -> list[str]:
    """The secrets that stand in one of the texts."""
    texts = list(texts)
    return [s for s in set(secrets) if any(form in text for form in forms(s) for text in texts)]
