"""The console's icons, taken out of the megabyte of them that Bootstrap-Flask brings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Response

from wxlogin.admin.console.blueprint import console
from wxlogin.guard.operators import permitted
from wxlogin.operators.permissions import PUBLIC

SPRITE = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*id="([^"]+)">.*?</symbol>', re.DOTALL)
NAMES = frozenset(
    {
        "activity",
        "app-indicator",
        "arrow-left",
        "box-arrow-right",
        "broadcast",
        "check-circle",
        "clipboard",
        "exclamation-triangle",
        "journal-text",
        "key",
        "list",
        "people",
        "person-badge",
        "person-circle",
        "plug",
        "search",
        "shield-exclamation",
        "speedometer2",
        "translate",
    }
)


@console.get("/icons.svg")
@permitted(PUBLIC)
def icons() -> Response:
    """Give the icons that the pages use, as one sprite."""
    answer = Response(_sprite(), mimetype="image/svg+xml")
    answer.cache_control.max_age = 86_400
    answer.cache_control.private = True
    return answer


@cache
def _sprite() -> str:
    found = SYMBOL.finditer(SPRITE.read_text(encoding="utf-8"))
    symbols = "".join(match[0] for match in found if match[1] in NAMES)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'
