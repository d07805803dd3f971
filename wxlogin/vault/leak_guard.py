"""The secrets that this process holds in clear text, so that a leak is found by their value.

These are the AppSecret, the AppKeys, the EncodingAESKey and the latest access_token of every
mini-program, and the session_keys that the current request used. The keys of the settings are not
among them: they are read once, and no response and no message is made from anything near them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextvars import ContextVar
from re import Match
from typing import Literal

Kind = Literal["AppSecret", "AppKey", "EncodingAESKey", "access_token", "session_key"]

MIN_LENGTH = 16
"""A shorter value could be in a text by chance, and is no secret of WeChat's."""
MAX_TRACKED = 8

# A text may write `/` as `\/`, and `+`, `/` and `=` as `\u002b` or `%2B`; JSON within JSON doubles
# the backslash, and a URL within a URL has `%252B`.
ESCAPED = re.compile(r"(?:\\+u00|%(?:25)?)(2[BbFf]|3[Dd])|\\+(?=/)")

_tracked: ContextVar[tuple[str, ...]] = ContextVar("tracked_session_keys", default=())
_allowed: ContextVar[str | None] = ContextVar("allowed_secret", default=None)


class LeakGuard:
    """The secrets of all mini-programs of the process, and of the current request."""

    def __init__(self) -> None:
        self._app_secrets: dict[tuple[Kind, str], str] = {}

    def register(self, kind: Kind, appid: str, value: str) -> None:
        """Register a secret of a mini-program, in place of its previous one."""
        if len(value) >= MIN_LENGTH and self._app_secrets.get((kind, appid)) != value:
            # Replaced as a whole: another thread may be searching it.
            self._app_secrets = {**self._app_secrets, (kind, appid): value}

    def track(self, *session_keys: str) -> None:
        """Track session_keys until `end_request`, the latest eight."""
        long = [key for key in session_keys if len(key) >= MIN_LENGTH]
        _tracked.set((*_tracked.get(), *long)[-MAX_TRACKED:])

    def allow(self, value: str) -> None:
        """Allow this one secret in the response of the current request, whose purpose it is."""
        _allowed.set(value)

    def end_request(self) -> None:
        """Track no session_key any more, and allow no secret."""
        _tracked.set(())
        _allowed.set(None)

    def __iter__(self) -> Iterator[tuple[Kind, str]]:
        """Yield every secret with its kind."""
        for (kind, _), value in self._app_secrets.items():
            yield kind, value
        for session_key in _tracked.get():
            yield "session_key", session_key

    def find(self, text: str) -> Kind | None:
        """Return the kind of a secret in the text, unless it is allowed, or None.

        A session_key is found JSON-escaped and percent-encoded too; the others have no character
        that needs an escape.
        """
        allowed = _allowed.get()
        for (kind, _), value in self._app_secrets.items():
            if value in text and value != allowed:
                return kind
        if tracked := _tracked.get():
            clear = ESCAPED.sub(_character, text) if "\\" in text or "%" in text else text
            if any(key in text or key in clear for key in tracked):
                return "session_key"
        return None


leak_guard = LeakGuard()
"""The guard of this process."""


def _character(escape: Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else ""
