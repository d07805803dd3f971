"""The open data calls: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin.decrypt import schemas, service
from wxlogin.extensions import limiter
from wxlogin.guard.gate import guard_account
from wxlogin.guard.request_context import caller
from wxlogin.openapi import BEARER, WITH_CODE, WITH_DATA, WITH_SESSION, refusals
from wxlogin.responses import answer
from wxlogin.services import services

decrypt = APIBlueprint(
    "decrypt",
    __name__,
    abp_tags=[Tag(name="Open data", description="What WeChat encrypts and signs for the page.")],
    abp_security=BEARER,
)
guard_account(decrypt, "api_openid", "decrypt_openid")
limiter.skip(decrypt)


@decrypt.post(
    "/v1/decrypt", responses={200: schemas.DataAnswer, **refusals(*WITH_SESSION, *WITH_DATA)}
)
def open_data(body: schemas.EncryptedBody) -> Response:
    """Open encrypted data of any known kind."""
    users, keys = services.accounts.users, services.accounts.user_keys
    return answer(service.open_data(users, keys, caller(), body, freshness()))


@decrypt.post(
    "/v1/decrypt/profile",
    responses={200: schemas.ProfileAnswer, **refusals(*WITH_SESSION, *WITH_DATA)},
)
def open_profile(body: schemas.ProfileBody) -> Response:
    """Check, open and keep the user's profile."""
    users, keys = services.accounts.users, services.accounts.user_keys
    return answer(service.open_profile(users, keys, caller(), body, freshness()))


@decrypt.post(
    "/v1/decrypt/phone",
    responses={200: schemas.PhoneAnswer, **refusals(*WITH_SESSION, *WITH_DATA, *WITH_CODE)},
)
def open_phone(body: schemas.PhoneBody) -> Response:
    """Get and keep the user's phone number, by its code or from its encrypted data."""
    users, keys = services.accounts.users, services.accounts.user_keys
    if not body.code:
        return answer(service.open_phone(users, keys, caller(), body, freshness()))
    wechat, codes, accounts = services.wechat, services.sessions.codes, services.accounts
    return answer(service.fetch_phone(wechat, codes, accounts, caller(), body.code))


@decrypt.post(
    "/v1/decrypt/verify",
    responses={200: schemas.Verified, **refusals(*WITH_SESSION, *WITH_DATA)},
)
def verify(body: schemas.SignedBody) -> Response:
    """Check that rawData was signed under the user's session_key."""
    return answer(service.verify(services.accounts.user_keys, caller(), body))


def freshness() -> service.Freshness:
    """Return how old open data may be, by the settings and the app's clock."""
    return service.Freshness(services.clock(), services.settings.open_data_max_age)
