"""What a page answers with: another page of the console, and a notice that is shown there once."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

from flask import Response, g, redirect, request
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeSerializer

from wxlogin.engines import engines

HOME = "/admin/"
# A path of the console and nothing that a browser could take for another host.
OURS = re.compile(
    r"/admin/(?!api/)(?:[\w~-][\w.~-]*/)*(?:[\w~-][\w.~-]*)?(?:\?[\w.=&%~+-]*)?", re.ASCII
)
COOKIE = "wxlogin_notice"
SECONDS = 60

Mood = Literal["done", "refused"]


class Notice(NamedTuple):
    """A line above a page: what was done, or why it was not."""

    mood: Mood
    text: str


def safe(path: str) -> str:
    """The path, if it is one of the console's pages, else the overview."""
    return path if len(path) <= 1000 and OURS.fullmatch(path) else HOME


def back_to(path: str, notice: Notice | None = None) -> Response:
    """Send the browser on to a page of the console, as a GET, with a notice to show there."""
    answer = cast("Response", redirect(safe(path), 303))
    if notice:
        leave(answer, notice)
    return answer


def done(path: str, text: str) -> Response:
    """Go on to a page that says what was done."""
    return back_to(path, Notice("done", text))


def ended(path: str, count: int) -> Response:
    """Go on to a page that says how many sessions were ended."""
    return done(path, ngettext("%(num)s session ended.", "%(num)s sessions ended.", count))


def leave(answer: Response, notice: Notice) -> None:
    """Leave a notice with the browser for the next page: signed, so that nobody can plant one."""
    answer.set_cookie(
        COOKIE,
        _signer().dumps(notice),
        max_age=SECONDS,
        path="/admin",
        secure=engines.settings.require_https,
        httponly=True,
        samesite="Strict",
    )


def notice() -> Notice | None:
    """The notice that was left for this page; the answer takes it away."""
    left = request.cookies.get(COOKIE, "")
    g.notice_read = bool(left)
    try:
        return Notice(*_signer().loads(left))
    except (BadSignature, TypeError):
        return None


def take_notice_away(answer: Response) -> Response:
    """Forget a notice once a page has shown it."""
    if g.get("notice_read"):
        answer.delete_cookie(COOKIE, path="/admin")
    return answer


def _signer() -> URLSafeSerializer:
    keys = [key.encode() for key in reversed(engines.settings.secret_keys)]
    return URLSafeSerializer(keys, salt="wxlogin.console.notice.v1")
