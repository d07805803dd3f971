"""My own account: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas import me as schemas
from wxlogin.admin.schemas.shared import ById, Ended, NoBody
from wxlogin.admin.schemas.sign_in import MeAnswer
from wxlogin.admin.service import me as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted, signed_in
from wxlogin.guard.passage import passage
from wxlogin.openapi import optional_body, refusals
from wxlogin.replies import answer

api = admin_blueprint("me", "The account of the admin who is signed in.")
WITH_PASSWORD = refusals(errors.CREDENTIALS_INVALID)


@api.get("/me", responses={200: MeAnswer})
@permitted("me.read")
def show_me() -> Response:
    """Say who is signed in, and give the CSRF token again."""
    return answer(service.show(engines, signed_in()))


@api.post("/me/reauth", responses={200: schemas.ReauthAnswer, **WITH_PASSWORD})
@permitted("me.reauth")
def reauthenticate(body: schemas.ReauthBody) -> Response:
    """Give the password once more; calls that demand that are open for five minutes."""
    left = service.reauthenticate(engines, signed_in(), body, passage())
    return answer(schemas.ReauthAnswer(expires_in=left))


@api.post("/me/password", responses={200: Ended, **WITH_PASSWORD})
@permitted("me.password")
def change_password(body: schemas.PasswordBody) -> Response:
    """Replace the password; the admin's other sessions end."""
    ended = service.change_password(engines, signed_in(), body, actor(), passage())
    return answer(Ended(ended=ended))


@api.post("/me/totp", request_body=optional_body(NoBody), responses={200: schemas.EnrolmentAnswer})
@permitted("me.totp")
def begin_enrolment(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Make a second factor; it counts once a code confirmed it."""
    return answer(service.begin_enrolment(engines, signed_in()))


@api.post("/me/totp/confirm", responses={200: schemas.RecoveryCodes, **WITH_PASSWORD})
@permitted("me.totp")
def confirm_enrolment(body: schemas.ConfirmBody) -> Response:
    """Confirm the second factor with a code of it; answers the recovery codes, this once."""
    codes = service.confirm_enrolment(engines, signed_in(), body.otp, actor(), passage())
    return answer(schemas.RecoveryCodes(recovery_codes=codes))


@api.post(
    "/me/recovery-codes",
    request_body=optional_body(NoBody),
    responses={200: schemas.RecoveryCodes, **refusals(errors.NOT_FOUND)},
)
@permitted("me.recovery")
def renew_recovery_codes(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Make fresh recovery codes in place of all before."""
    codes = service.renew_recovery_codes(engines, signed_in(), actor())
    return answer(schemas.RecoveryCodes(recovery_codes=codes))


@api.get("/me/sessions", responses={200: schemas.OwnSessions})
@permitted("me.sessions")
def list_sessions() -> Response:
    """List where the admin is signed in."""
    return answer(schemas.OwnSessions(items=service.list_sessions(engines, signed_in())))


@api.delete("/me/sessions/<id>", responses={200: Ended, **refusals(errors.NOT_FOUND)})
@permitted("me.sessions")
def end_session(path: ById) -> Response:
    """End one of the admin's own sessions."""
    return answer(Ended(ended=service.end_session(engines, signed_in(), path.id, actor())))
