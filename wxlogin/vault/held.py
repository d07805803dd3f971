"""The secrets that this process holds in clear, so that they can be looked for by their value.

Of every mini-program the AppSecret and the latest access_token; of the request at hand the
session_keys that it touched. The keys of the settings are not among them: they are read once, and
no answer and no message is made from anything near them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextvars import ContextVar
from re import Match
from typing import Literal

Kind = Literal["AppSecret", "access_token", "session_key"]

SHORTEST = 16
"""A shorter value could stand in a text by chance, and is no secret that WeChat would give."""
MOST_TOUCHED = 8

# `/` may stand as `\/`, and `+`, `/` and `=` as `\u002b` or `%2B`; JSON within JSON doubles the
# backslash, and a URL within a URL writes `%252B`.
ESCAPED = re.compile(r"(?:\\+u00|%(?:25)?)(2[BbFf]|3[Dd])|\\+(?=/)")

_touched: ContextVar[tuple[str, ...]] = ContextVar("touched_session_keys", default=())
_told: ContextVar[str | None] = ContextVar("told_secret", default=None)


class HeldSecrets:
    """What is held, of all apps of the process and of the request at hand."""

    def __init__(self) -> None:
        self._of_apps: dict[tuple[Kind, str], str] = {}

    def keep(self, kind: Kind, appid: str, value: str) -> None:
        """Hold a mini-program's secret in place of the one before it."""
        if len(value) >= SHORTEST and self._of_apps.get((kind, appid)) != value:
            # Replaced as a whole: another thread may be looking through it.
            self._of_apps = {**self._of_apps, (kind, appid): value}

    def touch(self, *session_keys: str) -> None:
        """Hold session_keys until `forget_touched`, the latest eight."""
        long = [key for key in session_keys if len(key) >= SHORTEST]
        _touched.set((*_touched.get(), *long)[-MOST_TOUCHED:])

    def tell(self, value: str) -> None:
        """Let the answer of the request at hand hold this one secret: the call is there for it."""
        _told.set(value)

    def forget_touched(self) -> None:
        """Hold the session_keys of no request, and let no answer hold any secret."""
        _touched.set(())
        _told.set(None)

    def __iter__(self) -> Iterator[tuple[Kind, str]]:
        """Every secret with its kind."""
        for (kind, _), value in self._of_apps.items():
            yield kind, value
        for session_key in _touched.get():
            yield "session_key", session_key

    def found_in(self, text: str) -> Kind | None:
        """The kind of a secret that stands in the text and is not there to be told, or None.

        A session_key is found JSON-escaped and percent-encoded too; the others have no character
        that anybody would escape.
        """
        told = _told.get()
        for (kind, _), value in self._of_apps.items():
            if value in text and value != told:
                return kind
        if touched := _touched.get():
            clear = ESCAPED.sub(_character, text) if "\\" in text or "%" in text else text
            if any(key in text or key in clear for key in touched):
                return "session_key"
        return None


held = HeldSecrets()
"""The process's own."""


def _character(escape: Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else ""
