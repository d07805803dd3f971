"""The console's blueprint: pages at /admin/, drawn here, with the API's own services behind."""

from __future__ import annotations

from flask import Blueprint, request

from wxlogin.guard.operators import guard_admin, permission_of, signed_in
from wxlogin.operators.permissions import PUBLIC

console = Blueprint("console", "wxlogin.admin", url_prefix="/admin", template_folder="templates")
guard_admin(console, json=False)


@console.before_request
def require_a_person() -> None:
    """Refuse API tokens: pages are for admins who are signed in."""
    if permission_of(request.endpoint) != PUBLIC:
        signed_in()
