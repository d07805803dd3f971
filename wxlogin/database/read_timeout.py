"""How long PostgreSQL is waited for.

The server itself ends a statement that takes too long. One that stands still ends none, and its
kernel acknowledges all that is sent, so the client has to end the wait. PyMySQL does so by itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from werkzeug.utils import import_string

CONNECTION = "wxlogin.database.postgres_connection:Connection"
"""What is connected. It is imported by name: where no PostgreSQL is, nothing loads its client."""
MARGIN_SECONDS = 3.0
"""So much later than the server, the client ends the wait for a statement."""


def set_read_timeout(engine: Engine, seconds: int = 0) -> None:
    """Limit it from the engine's next connection on; other systems have their own limit.

    `seconds` is how long a statement may take, where that is longer than one of a request may.
    """
    if engine.dialect.name != "postgresql":
        return
    event.listen(engine, "do_connect", _connect)
    if seconds:

        def wait_longer(connection: Any, _record: Any) -> None:
            connection.answer_seconds = seconds + MARGIN_SECONDS

        event.listen(engine, "connect", wait_longer)


def remove_read_timeout(engine: Engine) -> None:
    """Wait without limit from the engine's next connection on."""
    if event.contains(engine, "do_connect", _connect):
        event.remove(engine, "do_connect", _connect)


def _connect(
    _dialect: Any, _record: Any, given: tuple[Any, ...], parameters: dict[str, Any]
) -> Any:
    return import_string(CONNECTION).connect(*given, **parameters)
