"""Admins: parse, one call, reply."""

from __future__ import annotations

from functools import partial

from flask import Response

from wxlogin import errors
from wxlogin.admin.admins import schemas, service
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.list_answers import list_answer
from wxlogin.admin.paging import Page
from wxlogin.admin.schemas import ById, NoBody
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.guard.relying_party import invitation_page
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("admins", "Those who operate.")
UNKNOWN = refusals(errors.NOT_FOUND)


@api.get("/admins", responses={200: Page[schemas.AdminItem]})
@permitted("admins.read")
def list_admins(query: schemas.AdminQuery) -> Response:
    """List the admins, newest first."""
    read = partial(service.list_admins, services.operators.admins, query)
    return list_answer(schemas.ADMINS, query, read, services.watch, services.limits.rates)


@api.post("/admins", responses={200: schemas.AdminWithPassword})
@permitted("admins.write")
def create_admin(body: schemas.NewAdminBody) -> Response:
    """Create an admin; without a password, generate one, which only this answer contains."""
    return answer(service.create(services.watch, services.operators.admins, actor(), body))


@api.post("/admins/invite", responses={200: schemas.InvitedAdmin})
@permitted("admins.write")
def invite(body: schemas.InviteBody) -> Response:
    """Create an admin who sets their own password, with a link that only this answer contains."""
    page_url = invitation_page(services.settings)
    return answer(service.invite(services.watch, services.operators, actor(), body, page_url))


@api.post(
    "/admins/<id>/invite",
    request_body=optional_body(NoBody),
    responses={200: schemas.InvitedAdmin, **UNKNOWN},
)
@permitted("admins.write")
def invite_again(path: ById, body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Replace an invitation that was not accepted yet; the one before is void."""
    audit, page_url = services.watch.audit, invitation_page(services.settings)
    return answer(service.invite_again(audit, services.operators, actor(), path.id, page_url))


@api.patch("/admins/<id>", responses={200: schemas.ChangedAdmin, **UNKNOWN})
@permitted("admins.write")
def change_admin(path: ById, body: schemas.ChangeAdminBody) -> Response:
    """Change the role, disable or enable the account; the admin's sessions end."""
    return answer(service.change(services.watch.audit, services.operators, actor(), path.id, body))


@api.post(
    "/admins/<id>/reset-password",
    request_body=optional_body(schemas.ResetPasswordBody),
    responses={200: schemas.AdminWithPassword, **UNKNOWN},
)
@permitted("admins.write")
def reset_password(path: ById, body: schemas.ResetPasswordBody) -> Response:
    """Generate a password, which only this answer contains; the admin's sessions end."""
    audit, change = services.watch.audit, body.must_change_password
    return answer(
        service.reset_password(audit, services.operators, actor(), path.id, must_change=change)
    )


@api.post(
    "/admins/<id>/reset-totp",
    request_body=optional_body(NoBody),
    responses={200: schemas.ChangedAdmin, **UNKNOWN},
)
@permitted("admins.write")
def reset_second_factor(path: ById, body: NoBody) -> Response:  # noqa: ARG001  fields are refused
    """Remove the second factor of an admin who lost it; their sessions end."""
    return answer(
        service.reset_second_factor(services.watch.audit, services.operators, actor(), path.id)
    )
