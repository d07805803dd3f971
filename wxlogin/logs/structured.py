"""Log lines: one format for every logger of the process, redacted as a whole.

JSON in production, readable text in development. Lines come from the standard library's loggers
and from structlog; each contains the values that are bound to structlog's context.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from functools import lru_cache
from re import Match
from typing import Any, TextIO

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
from wxlogin.logs.redaction import redact, redact_line
from wxlogin.unpatched import original

OWN = "wxlogin"
NEWS = "wxlogin.alert"
"""The logger of what is told to people elsewhere, and is no fault of this process."""
GUNICORN = ("gunicorn.error", "gunicorn.access")
MAX_LENGTH = 16_384
"""Characters of one value. A longer one keeps its end, where a traceback names the exception."""
ENCODER = json.JSONEncoder(default=repr)

OF_OURS = frozenset({"time", "level", "logger", "event", "address"})
"""Values of an access line that are never a caller's word."""
OF_OURS_OR_A_PROXY = OF_OURS | {"request_id"}
# Proxies make such ids, and each has the form of an AppSecret. In this one is no phone number.
PROXY_REQUEST_ID = re.compile(r"(?![0-9a-f]*[0-9]{10})[0-9a-f]{32}")

# Characters that a terminal or a log reader may treat as a line break or a command.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_BUT_NEWLINE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class RedactingFormatter(ProcessorFormatter):
    """Renders a record and redacts the line. It never raises: logging must not end a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; for a record that cannot be rendered, a line that says so."""
        try:
            if isinstance(record.msg, dict) and not hasattr(record, "_logger"):
                return self._access_line(record, record.msg)
            return redact(super().format(record))
        except Exception as fault:
            broken = logging.makeLogRecord(
                {"name": record.name, "levelname": record.levelname, "created": record.created}
            )
            broken.msg = f"a log line cannot be rendered: {type(fault).__name__}"
            return super().format(broken)

    def _access_line(self, record: logging.LogRecord, said: dict[str, Any]) -> str:
        """Return a line whose values are bounded. There is one for each request: it is quick."""
        line = _line(record, **said)
        outside = _from_outside(line)
        return redact_line(str(self.processors[-1](None, "", line)), outside)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes lines to stderr, each at once."""

    def createLock(self) -> None:  # noqa: N802  the library's name
        """Take a lock that is quick under gevent: nothing gives way while a line is written."""
        super().createLock()
        self.lock = original("_thread", "RLock")()

    def flush(self) -> None:
        """Flush, without the lock that whoever writes holds already."""
        self.stream.flush()


class _FaultsAlone(logging.Filter):
    """Passes warnings and what is graver, but no news."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING and record.name != NEWS


def bind_logs(settings: Settings, *, of_command: bool = False) -> None:
    """Set the formatter of all existing handlers; the root logger gets a handler if it has none.

    A command shows faults alone: its terminal is for what it prints itself.

    Gunicorn sets up its handlers before it loads the app, with or without the configuration in
    deploy/.
    """
    formatter = line_formatter(readable=settings.env == "development")
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(LineHandler())
    for logger in (root, *map(logging.getLogger, GUNICORN)):
        for handler in logger.handlers:
            handler.setFormatter(formatter)
            if of_command:
                handler.addFilter(_FaultsAlone())
    if logging.getLogger(OWN).level == logging.NOTSET:
        logging.getLogger(OWN).setLevel(logging.INFO)
    # Its lines contain whole request lines; ours contain the same without the query.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # No line says which thread or process it is of.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    # A handler that cannot write would print the record, before redaction, to stderr.
    logging.raiseExceptions = not settings.production
    structlog.configure(
        processors=[filter_by_level, ProcessorFormatter.wrap_for_formatter],
        logger_factory=LoggerFactory(),
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )


def line_formatter(*, readable: bool) -> RedactingFormatter:
    """Return the formatter of all handlers."""
    renderer = _readable if readable else _json
    return RedactingFormatter(processors=[_to_line, format_exc_info, _cut, renderer])


def _to_line(_logger: WrappedLogger, _method: str, given: EventDict) -> EventDict:
    record = given.pop("_record")
    del given["_from_structlog"]
    event, args = given.pop("event", ""), given.pop("positional_args", ())
    return _line(record, str(event) % args if args else event, **given)


def _line(record: logging.LogRecord, event: str, **rest: Any) -> EventDict:
    """Return time, level, logger, event, the context and the rest, in this order."""
    second, fraction = divmod(record.created, 1)
    return {
        "time": f"{_second(int(second))}.{int(fraction * 1000):03}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event,
        **dict(sorted(get_contextvars().items())),
        **rest,
    }


@lru_cache(2)
def _second(seconds: int) -> str:
    """Return a second of Unix time; many lines are of the same."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _from_outside(line: EventDict) -> str:
    """Return what a caller, or somebody else, may have written into an access line."""
    by_proxy = PROXY_REQUEST_ID.fullmatch(line.get("request_id", ""))
    ours = OF_OURS_OR_A_PROXY if by_proxy else OF_OURS
    return " ".join(
        [text for name, text in line.items() if name not in ours and isinstance(text, str)]
    )


def _cut(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Cut long values. They are redacted first, since half a secret matches no pattern."""
    for name, value in line.items():
        if isinstance(value, str) and len(value) > MAX_LENGTH:
            line[name] = redact(value)[-MAX_LENGTH:]
    return line


def _json(_logger: WrappedLogger, _method: str, line: EventDict) -> ProcessorReturnValue:
    return ENCODER.encode(line)


def _readable(_logger: WrappedLogger, _method: str, line: EventDict) -> ProcessorReturnValue:
    """Return a readable line; a traceback follows, indented, so that it looks like no log line."""
    tail = [str(line.pop(name)) for name in ("exception", "stack_info") if line.get(name)]
    head = "{time} {level:<8} {logger}: {event}".format_map(line)
    rest = [f"{name}={line[name]}" for name in list(line)[4:]]
    lines = [CONTROL.sub(_escaped, " ".join([head, *rest]))]
    for block in tail:
        lines += ["    " + row for row in CONTROL_BUT_NEWLINE.sub(_escaped, block).split("\n")]
    return "\n".join(lines)


def _escaped(character: Match[str]) -> str:
    return character[0].encode("unicode_escape").decode()
