"""Log lines: every logger of the process, one form, redacted as a whole.

JSON in production, readable in development. Lines come from the standard library's loggers and
from structlog's alike; what is bound to structlog's context stands in each of them.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from re import Match
from typing import Any

import structlog
from structlog.contextvars import get_contextvars
from structlog.processors import format_exc_info
from structlog.stdlib import (
    BoundLogger,
    LoggerFactory,
    ProcessorFormatter,
    filter_by_level,
)
from structlog.typing import EventDict, ProcessorReturnValue, WrappedLogger

from config import Settings
from wxlogin.guard.redaction import redact

OWN = "wxlogin"
GUNICORN = ("gunicorn.error", "gunicorn.access")
LONGEST = 16_384
"""Characters of one value; of a longer one the end is kept, where a traceback says what it was."""
ENCODER = json.JSONEncoder(default=repr)

# Whatever a terminal or a reader of files may take for the end of a line or for a command.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_BUT_NEWLINE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class RedactingFormatter(ProcessorFormatter):
    """Renders a record and redacts the line. It never raises: a log must not end a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; of a record that cannot be rendered, where it came from."""
        try:
            return redact(self._rendered(record))
        except Exception as fault:
            broken = logging.makeLogRecord(
                {"name": record.name, "levelname": record.levelname, "created": record.created}
            )
            broken.msg = f"a log line cannot be rendered: {type(fault).__name__}"
            return super().format(broken)

    def _rendered(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict) and not hasattr(record, "_logger"):
            # A whole line, of bounded values: the access log's, written once a request.
            return str(self.processors[-1](None, "", _line(record, **record.msg)))
        return super().format(record)


def bind_logs(settings: Settings) -> None:
    """Hang the formatter on the handlers that are there; the root logger gets one if it has none.

    Gunicorn sets up its own before it loads the app, so that they are there, with or without the
    configuration in deploy/.
    """
    formatter = line_formatter(readable=settings.env == "development")
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler())
    for logger in (root, *map(logging.getLogger, GUNICORN)):
        for handler in logger.handlers:
            handler.setFormatter(formatter)
    if logging.getLogger(OWN).level == logging.NOTSET:
        logging.getLogger(OWN).setLevel(logging.INFO)
    # Its lines hold whole request lines; ours say the same without the query.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # A handler that cannot write would print the record, before redaction, to stderr.
    logging.raiseExceptions = not settings.production
    structlog.configure(
        processors=[filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )


def line_formatter(*, readable: bool) -> RedactingFormatter:
    """The formatter of all handlers."""
    renderer = _readable if readable else _json
    return RedactingFormatter(processors=[_described, format_exc_info, _bounded, renderer])


def _described(_logger: WrappedLogger, _method: str, given: EventDict) -> EventDict:
    record = given.pop("_record")
    del given["_from_structlog"]
    event, args = given.pop("event", ""), given.pop("positional_args", ())
    return _line(record, str(event) % args if args else event, **given)


def _line(record: logging.LogRecord, event: str, **rest: Any) -> EventDict:
    """Time, level, logger, event and what the context knows, in this order, then the rest."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {
        "time": f"{time.removesuffix('+00:00')}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event,
        **dict(sorted(get_contextvars().items())),
        **rest,
    }


def _bounded(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Long values cut; redacted before, since half a secret has no shape."""
    for name, value in line.items():
        if isinstance(value, str) and len(value) > LONGEST:
            line[name] = redact(value)[-LONGEST:]
    return line


def _json(_logger: WrappedLogger, _method: str, line: EventDict) -> ProcessorReturnValue:
    return ENCODER.encode(line)


def _readable(_logger: WrappedLogger, _method: str, line: EventDict) -> ProcessorReturnValue:
    """One line for people; a traceback follows, indented, so that it cannot pass for a line."""
    tail = [str(line.pop(name)) for name in ("exception", "stack_info") if line.get(name)]
    head = "{time} {level:<8} {logger}: {event}".format_map(line)
    rest = [f"{name}={line[name]}" for name in list(line)[4:]]
    shown = [CONTROL.sub(_escaped, " ".join([head, *rest]))]
    for block in tail:
        shown += ["    " + row for row in CONTROL_BUT_NEWLINE.sub(_escaped, block).split("\n")]
    return "\n".join(shown)


def _escaped(character: Match[str]) -> str:
    return character[0].encode("unicode_escape").decode()
