"""Admins: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas import admins as schemas
from wxlogin.admin.schemas.shared import ById, NoBody
from wxlogin.admin.service import admins as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted
from wxlogin.openapi import optional_body, refusals
from wxlogin.replies import answer

api = admin_blueprint("admins", "Those who operate.")
UNKNOWN = refusals(errors.NOT_FOUND)


@api.get("/admins", responses={200: Page[schemas.AdminItem]})
@permitted("admins.read")
def list_admins(query: PageQuery) -> Response:
    """List the admins, newest first."""
    return answer(service.list_admins(query))


@api.post("/admins", responses={200: schemas.AdminWithPassword})
@permitted("admins.write")
def create_admin(body: schemas.NewAdminBody) -> Response:
    """Make an admin; without a password one is made and answered, this once."""
    return answer(service.create(engines, actor(), body))


@api.patch("/admins/<id>", responses={200: schemas.ChangedAdmin, **UNKNOWN})
@permitted("admins.write")
def change_admin(path: ById, body: schemas.ChangeAdminBody) -> Response:
    """Give another role, disable or enable; the admin's sessions end."""
    return answer(service.change(engines, actor(), path.id, body))


@api.post(
    "/admins/<id>/reset-password",
    request_body=optional_body(NoBody),
    responses={200: schemas.AdminWithPassword, **UNKNOWN},
)
@permitted("admins.write")
def reset_password(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Make a password for the admin and answer it, this once; their sessions end."""
    return answer(service.reset_password(engines, actor(), path.id))


@api.post(
    "/admins/<id>/reset-totp",
    request_body=optional_body(NoBody),
    responses={200: schemas.ChangedAdmin, **UNKNOWN},
)
@permitted("admins.write")
def reset_second_factor(path: ById, body: NoBody) -> Response:  # noqa: ARG001  fields are refused
    """Take the second factor away from an admin who lost it; their sessions end."""
    return answer(service.reset_second_factor(engines, actor(), path.id))
