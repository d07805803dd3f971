"""The blueprints of the admin API: one per subject, all behind the same gate."""

from __future__ import annotations

from flask_openapi import APIBlueprint, Tag

from wxlogin.guard.admin_gate import guard_admin
from wxlogin.openapi import OPERATOR, WITH_OPERATOR, refusals

PREFIX = "/admin/api"


def admin_blueprint(subject: str, description: str) -> APIBlueprint:
    """Return a blueprint for the calls on one subject; each view is marked by `permitted`."""
    blueprint = APIBlueprint(
        f"admin_{subject}",
        __name__,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=f"Admin: {subject}", description=description)],
        abp_security=OPERATOR,
        abp_responses=refusals(*WITH_OPERATOR),
    )
    guard_admin(blueprint)
    return blueprint
