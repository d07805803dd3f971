"""My own passkeys: parse, one call, reply."""

from __future__ import annotations

from flask import Response

from wxlogin import errors
from wxlogin.admin.account import passkeys, schemas
from wxlogin.admin.blueprints import admin_blueprint
from wxlogin.admin.schemas import ById, Ended, NoBody
from wxlogin.guard.admin_gate import actor, permitted, signed_in
from wxlogin.guard.relying_party import relying_party
from wxlogin.openapi import optional_body, refusals
from wxlogin.responses import answer
from wxlogin.services import services

api = admin_blueprint("passkeys", "Passkeys of the admin who is signed in.")


@api.get("/me/passkeys", responses={200: schemas.OwnPasskeys})
@permitted("me.passkeys")
def list_passkeys() -> Response:
    """List my passkeys."""
    found = passkeys.list_passkeys(services.operators.passkeys, signed_in())
    return answer(schemas.OwnPasskeys(items=found))


@api.post(
    "/me/passkeys", request_body=optional_body(NoBody), responses={200: schemas.PasskeyOptions}
)
@permitted("me.passkey_change")
def begin_passkey(body: NoBody) -> Response:  # noqa: ARG001  its fields are refused
    """Begin a new passkey; it counts once it is confirmed."""
    party = relying_party(services.settings)
    return answer(passkeys.begin(services.operators, signed_in(), party))


@api.post(
    "/me/passkeys/confirm",
    responses={200: schemas.NewPasskey, **refusals(errors.CREDENTIALS_INVALID)},
)
@permitted("me.passkey_change")
def confirm_passkey(body: schemas.NewPasskeyBody) -> Response:
    """Register the passkey that the browser made; the admin's other sessions end."""
    audit, party = services.watch.audit, relying_party(services.settings)
    made = passkeys.register(services.operators, audit, signed_in(), body, actor(), party)
    return answer(made)


@api.delete("/me/passkeys/<id>", responses={200: Ended, **refusals(errors.NOT_FOUND)})
@permitted("me.passkey_change")
def remove_passkey(path: ById) -> Response:
    """Remove a passkey; the admin's other sessions end."""
    audit = services.watch.audit
    ended = passkeys.remove(services.operators, audit, signed_in(), path.id, actor())
    return answer(Ended(ended=ended))
