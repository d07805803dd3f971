"""My own account: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.account import history, schemas, service
from wxlogin.admin.account.sign_in import begin_reauthentication
from wxlogin.admin.account.sign_in_schemas import Challenge, MeAnswer
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.paging import Page, PageQuery
from wxlogin.admin.schemas import ById, Ended, NoBody
from wxlogin.guard.admin_gate import actor, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("me", "The account of the admin who is signed in.")
WITH_PASSWORD = refusals(errors.CREDENTIALS_INVALID)


@api.get("/me", responses={200: MeAnswer})
@permitted("me.read")
def show_me() -> Response:
    """Say who is signed in, and give the CSRF token again."""
    return answer(service.show(services.settings, services.clock, signed_in()))


@api.post("/me/reauth", responses={200: schemas.ReauthAnswer, **WITH_PASSWORD})
@permitted("me.reauth")
def reauthenticate(body: schemas.ReauthBody) -> Response:
    """Enter the password again, which allows critical calls for five minutes."""
    left = service.reauthenticate(
        services.operators,
        services.limits,
        services.watch.recorder,
        signed_in(),
        body,
        actor(),
        relying_party(services.settings),
    )
    return answer(schemas.ReauthAnswer(expires_in=left))


@api.post("/me/reauth/challenge", request_body=optional_body(NoBody), responses={200: Challenge})
@permitted("me.reauth")
def begin_with_passkey(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Begin to give the password again, with a passkey."""
    rates, party = services.limits.rates, relying_party(services.settings)
    return answer(begin_reauthentication(services.operators, rates, signed_in(), party))


@api.post("/me/password", responses={200: Ended, **WITH_PASSWORD})
@permitted("me.password")
def change_password(body: schemas.PasswordBody) -> Response:
    """Replace the password; the admin's other sessions end."""
    ended = service.change_password(
        services.operators,
        services.limits.rates,
        services.watch.audit,
        signed_in(),
        body,
        actor(),
    )
    return answer(Ended(ended=ended))


@api.post("/me/totp", request_body=optional_body(NoBody), responses={200: schemas.EnrolmentAnswer})
@permitted("me.totp")
def begin_enrolment(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Create a second factor; it takes effect once a code confirms it."""
    return answer(
        service.begin_enrolment(services.operators, services.settings, services.clock, signed_in())
    )


@api.post("/me/totp/confirm", responses={200: schemas.RecoveryCodes, **WITH_PASSWORD})
@permitted("me.totp")
def confirm_enrolment(body: schemas.ConfirmBody) -> Response:
    """Confirm the second factor with a code; the answer has the recovery codes, only once."""
    codes = service.confirm_enrolment(
        services.operators,
        services.limits.rates,
        services.watch.audit,
        signed_in(),
        body.otp,
        actor(),
    )
    return answer(schemas.RecoveryCodes(recovery_codes=codes))


@api.post(
    "/me/recovery-codes",
    request_body=optional_body(NoBody),
    responses={200: schemas.RecoveryCodes, **refusals(errors.NOT_FOUND)},
)
@permitted("me.recovery")
def renew_recovery_codes(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Replace all recovery codes."""
    codes = service.renew_recovery_codes(
        services.operators.admins, services.watch.audit, signed_in(), actor()
    )
    return answer(schemas.RecoveryCodes(recovery_codes=codes))


@api.get("/me/sessions", responses={200: schemas.OwnSessions})
@permitted("me.sessions")
def list_sessions() -> Response:
    """List where the admin is signed in."""
    return answer(schemas.OwnSessions(items=history.list_sessions(my_account(), signed_in())))


@api.get("/me/sign-ins", responses={200: Page[schemas.SignInItem]})
@permitted("me.sessions")
def list_sign_ins(query: PageQuery) -> Response:
    """List the sign-ins to the admin's account, newest first, also those that are over."""
    return answer(history.list_sign_ins(services.watch, signed_in(), query))


@api.get("/me/notices", responses={200: schemas.Notices})
@permitted("me.sessions")
def list_notices() -> Response:
    """List what the admin should look at of their own account."""
    return answer(schemas.Notices(items=history.list_notices(my_account(), signed_in())))


@api.delete("/me/sessions/<id>", responses={200: Ended, **refusals(errors.NOT_FOUND)})
@permitted("me.sessions")
def end_session(path: ById) -> Response:
    """End one of the admin's own sessions."""
    return answer(
        Ended(
            ended=service.end_session(
                services.operators.sessions, services.watch.audit, signed_in(), path.id, actor()
            )
        )
    )


def my_account() -> history.Account:
    """Return where the account of the admin who is signed in is looked at."""
    return history.Account(services.operators, services.watch, services.clock)
