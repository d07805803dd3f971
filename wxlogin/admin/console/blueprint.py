"""The console's blueprint: pages at /admin/ that call the same services as the admin API."""

from __future__ import annotations

from flask import Blueprint, request

from wxlogin.guard.admin_gate import guard_admin, permission_of, signed_in
from wxlogin.operators.permissions import PUBLIC

console = Blueprint("console", __name__, url_prefix="/admin", template_folder="templates")
guard_admin(console, json=False)


@console.before_request
def require_a_person() -> None:
    """Refuse API tokens: pages are for admins who are signed in."""
    if permission_of(request.endpoint) != PUBLIC:
        signed_in()
