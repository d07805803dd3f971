"""The console's blueprint: pages at /admin/, drawn here, with the API's own services behind."""

from __future__ import annotations

from flask import Blueprint

from wxlogin.guard.operators import guard_admin

console = Blueprint("console", "wxlogin.admin", url_prefix="/admin", template_folder="templates")
guard_admin(console, json=False)
