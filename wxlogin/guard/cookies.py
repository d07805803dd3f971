"""No session is kept in a cookie: `flask.session` raises on any use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

REFUSAL = (
    "flask.session is not available: it would be kept in a cookie. The caller is "
    "wxlogin.guard.request_context.caller(); data of one request belongs in flask.g."
)


class NoSession(SessionMixin):
    """A session that raises RuntimeError on any read and any write."""

    def __getitem__(self, key: str) -> NoReturn:
        raise RuntimeError(REFUSAL)

    def __setitem__(self, key: str, value: Any) -> NoReturn:
        raise RuntimeError(REFUSAL)

    def __delitem__(self, key: str) -> NoReturn:
        raise RuntimeError(REFUSAL)

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError(REFUSAL)

    def __len__(self) -> NoReturn:
        raise RuntimeError(REFUSAL)


class NoSessions(SessionInterface):
    """Opens no session and sets no cookie."""

    def open_session(self, _app: Flask, _request: Request) -> NoSession:
        """Return a session that raises."""
        return NoSession()

    def save_session(self, _app: Flask, _session: SessionMixin, _response: Response) -> None:
        """Save nothing."""
