"""The files of the pages: ours, and those of Bootstrap-Flask, which are served from its package.

All of them lie below /admin/, which is what a proxy passes on to wxlogin.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Response, send_from_directory

from wxlogin.admin.console.blueprint import console
from wxlogin.guard.admin_gate import permitted
from wxlogin.operators.permissions import PUBLIC

STATIC = Path(__file__).parent / "static"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static/bootstrap5"
SPRITE = BOOTSTRAP / "icons/bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*id="([^"]+)">.*?</symbol>', re.DOTALL)
ICONS = frozenset(
    {
        "activity",
        "app-indicator",
        "arrow-left",
        "bell",
        "box-arrow-right",
        "broadcast",
        "check-circle",
        "clipboard",
        "clipboard2-pulse",
        "download",
        "exclamation-triangle",
        "journal-text",
        "key",
        "list",
        "people",
        "person-badge",
        "person-circle",
        "plug",
        "search",
        "send",
        "shield-exclamation",
        "speedometer2",
        "translate",
    }
)


@console.get("/static/<path:filename>")
@permitted(PUBLIC)
def static(filename: str) -> Response:
    """Serve a file of the console."""
    return send_from_directory(STATIC, filename)


@console.get("/bootstrap.css")
@permitted(PUBLIC)
def bootstrap() -> Response:
    """Serve Bootstrap's styles."""
    return send_from_directory(BOOTSTRAP / "css", "bootstrap.min.css")


@console.get("/icons.svg")
@permitted(PUBLIC)
def icons() -> Response:
    """Serve the icons that the pages use; Bootstrap's whole file has a megabyte."""
    answer = Response(_sprite(), mimetype="image/svg+xml")
    answer.cache_control.max_age = 86_400
    answer.cache_control.private = True
    return answer


@cache
def _sprite() -> str:
    found = SYMBOL.finditer(SPRITE.read_text(encoding="utf-8"))
    symbols = "".join(match[0] for match in found if match[1] in ICONS)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'
