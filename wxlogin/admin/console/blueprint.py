"""The console's blueprint: pages at /admin/, drawn here, with the API's own services behind."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from wxlogin.guard.operators import guard_admin, permitted
from wxlogin.operators.permissions import PUBLIC

STATIC = Path(__file__).parents[1] / "static"

console = Blueprint("console", "wxlogin.admin", url_prefix="/admin", template_folder="templates")
guard_admin(console, json=False)


@console.get("/static/<path:filename>")
@permitted(PUBLIC)
def static(filename: str) -> Response:
    """Give a file of the pages."""
    return send_from_directory(STATIC, filename)
