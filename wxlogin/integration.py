"""For code of a team that lives in the app: who is signed in, and what happened.

    from wxlogin.integration import current_session, limiter, login_required, signal, user_key

`limiter` is Flask-Limiter's, on the app's own Redis and clock; `user_key` counts by user, in a view
that `login_required` guards:

    @blueprint.post("/orders")
    @login_required
    @limiter.limit("20/minute", key_func=user_key)  # without `key_func` by address
    def order(): ...

A view that `login_required` guards is answered as those below /v1: without a session that lives it
is refused, its limits count, and its request is signed where WXLOGIN_REQUEST_SIGNING says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

from flask import request

from wxlogin.extensions import limiter
from wxlogin.guard.gate import authenticate
from wxlogin.guard.request_context import caller, request_info
from wxlogin.guard.request_signing import SigningRules, require_signature
from wxlogin.limits.key_functions import openid_key as user_key
from wxlogin.limits.rate_limits import UserLimit
from wxlogin.outbox.signals import signal
from wxlogin.services import current_services

__all__ = ["CurrentSession", "current_session", "limiter", "login_required", "signal", "user_key"]

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


class CurrentSession(NamedTuple):
    """The session of a request: its id, the user's public id, the appid, the platform."""

    id: str
    user: str
    app: str
    platform: str


def login_required(view: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Refuse calls without a live session; it stands below the decorator of the route."""

    limits: tuple[UserLimit, ...] = ("api_openid",)

    @functools.wraps(view)
    def guarded(*arguments: Given.args, **named: Given.kwargs) -> Returned:
        found, environ = current_services(), request.environ
        sessions = found.sessions
        who = authenticate(found.limits.rates, sessions, request_info(), environ, limits)
        require_signature(SigningRules(found.settings, found.clock, sessions.nonces), who, environ)
        return view(*arguments, **named)

    return guarded


def current_session() -> CurrentSession:
    """Return the session of the current request, in a view that `login_required` guards."""
    session = caller().session
    return CurrentSession(session.sid, session.user, session.app, session.platform)
