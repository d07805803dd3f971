"""Redirects to pages of the console, and notices that the next page shows once."""

from __future__ import annotations

import hashlib
import re
from typing import Literal, NamedTuple, cast

from flask import Response, g, redirect, request
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeSerializer

from wxlogin.services import services

HOME = "/admin/"
# A path of the console, which no browser interprets as another host.
CONSOLE_PATH = re.compile(
    r"/admin/(?!api/)(?:[\w~-][\w.~-]*/)*(?:[\w~-][\w.~-]*)?(?:\?[\w.=&%~+-]*)?", re.ASCII
)
COOKIE = "wxlogin_notice"
SECONDS = 60

Mood = Literal["done", "refused"]


class Notice(NamedTuple):
    """A line above a page: what was done, or why it was refused."""

    mood: Mood
    text: str


def safe_path(path: str) -> str:
    """Return the path if it is a page of the console, else the overview."""
    return path if len(path) <= 1000 and CONSOLE_PATH.fullmatch(path) else HOME


def redirect_to(path: str, notice: Notice | None = None) -> Response:
    """Redirect to a page of the console (303), with a notice to show there."""
    response = cast("Response", redirect(safe_path(path), 303))
    if notice:
        set_notice(response, notice)
    return response


def done(path: str, text: str) -> Response:
    """Redirect to a page that says what was done."""
    return redirect_to(path, Notice("done", text))


def sessions_ended(path: str, count: int) -> Response:
    """Redirect to a page that says how many sessions were ended."""
    return done(path, ngettext("%(num)s session ended.", "%(num)s sessions ended.", count))


def set_notice(response: Response, notice: Notice) -> None:
    """Set the cookie of a notice for the next page; it is signed, so that nobody can forge one."""
    keep_for_page(response, COOKIE, _signer().dumps(notice), SECONDS)


def keep_for_page(response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie for a page that follows, out of reach of scripts and other sites."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/admin",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="Strict",
    )


def current_notice() -> Notice | None:
    """Return the notice for this page; the answer deletes its cookie."""
    cookie = request.cookies.get(COOKIE, "")
    g.notice_read = bool(cookie)
    try:
        return Notice(*_signer().loads(cookie))
    except (BadSignature, TypeError):
        return None


def delete_notice(response: Response) -> Response:
    """Delete the cookie of a notice that a page has shown."""
    if g.get("notice_read"):
        response.delete_cookie(COOKIE, path="/admin")
    return response


def _signer() -> URLSafeSerializer:
    keys = [key.encode() for key in reversed(services.settings.secret_keys)]
    return URLSafeSerializer(
        keys,
        salt="wxlogin.console.notice.v2",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
