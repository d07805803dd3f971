"""The open data calls: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin.decrypt import schemas, service
from wxlogin.engines import engines
from wxlogin.guard.authentication import caller
from wxlogin.guard.gate import guard_account
from wxlogin.openapi import BEARER, WITH_CODE, WITH_DATA, WITH_SESSION, refusals
from wxlogin.replies import answer

decrypt = APIBlueprint(
    "decrypt",
    __name__,
    abp_tags=[Tag(name="Open data", description="What WeChat encrypts and signs for the page.")],
    abp_security=BEARER,
)
guard_account(decrypt, "api_openid", "decrypt_openid")


@decrypt.post(
    "/v1/decrypt", responses={200: schemas.DataAnswer, **refusals(*WITH_SESSION, *WITH_DATA)}
)
def open_data(body: schemas.EncryptedBody) -> Response:
    """Open encrypted data of any known kind."""
    return answer(service.open_data(engines, caller(), body))


@decrypt.post(
    "/v1/decrypt/profile",
    responses={200: schemas.ProfileAnswer, **refusals(*WITH_SESSION, *WITH_DATA)},
)
def open_profile(body: schemas.ProfileBody) -> Response:
    """Check, open and keep the user's profile."""
    return answer(service.open_profile(engines, caller(), body))


@decrypt.post(
    "/v1/decrypt/phone",
    responses={200: schemas.PhoneAnswer, **refusals(*WITH_SESSION, *WITH_DATA, *WITH_CODE)},
)
def open_phone(body: schemas.PhoneBody) -> Response:
    """Get and keep the user's phone number, by its code or from its encrypted data."""
    return answer(service.open_phone(engines, caller(), body))


@decrypt.post(
    "/v1/decrypt/verify",
    responses={200: schemas.Verified, **refusals(*WITH_SESSION, *WITH_DATA)},
)
def verify(body: schemas.SignedBody) -> Response:
    """Check that rawData was signed under the user's session_key."""
    return answer(service.verify(engines, caller(), body))
