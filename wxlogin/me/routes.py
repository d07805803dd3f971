"""The calls of users about themselves: parse, one call, reply."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from wxlogin import errors
from wxlogin.extensions import limiter
from wxlogin.guard.gate import guard_account
from wxlogin.guard.request_context import caller, request_info
from wxlogin.limits.key_functions import openid_key, setting
from wxlogin.me import schemas, service
from wxlogin.openapi import BEARER, WITH_SESSION, WITH_WECHAT, refusals
from wxlogin.responses import answer, attachment
from wxlogin.services import services

TAG = Tag(name="The user's own", description="What is held of the user: see, change, take, delete.")
FILE = "wxlogin-me.json"

me = APIBlueprint("me", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(me, "api_openid")
limiter.skip(me)

profile = APIBlueprint("profile", __name__, abp_tags=[TAG], abp_security=BEARER)
guard_account(profile, "api_openid", "profile_openid")
limiter.skip(profile)

limit_own_data = limiter.shared_limit(
    setting("own_data_openid"), scope="own_data_openid", key_func=openid_key
)


@me.get("/v1/me", responses={200: schemas.OwnAnswer, **refusals(*WITH_SESSION)})
def show_me() -> Response:
    """Describe the user: ids, profile, and the phone number masked."""
    return answer(service.show(services.accounts.profiles, caller()))


@profile.put(
    "/v1/me/profile",
    responses={
        200: schemas.OwnProfileAnswer,
        **refusals(errors.CONTENT_REFUSED, *WITH_SESSION, *WITH_WECHAT),
    },
)
def change_profile(body: schemas.OwnProfileBody) -> Response:
    """Store the nickname and the avatar that the user chose; WeChat checks the nickname."""
    profiles, checks = services.accounts.profiles, services.accounts.nickname_checks
    return answer(service.change_profile(profiles, checks, caller(), body))


@me.get("/v1/me/export", responses={200: schemas.OwnData, **refusals(*WITH_SESSION)})
@limit_own_data
def export_me() -> Response:
    """Give everything that is held of the user, as a file."""
    audit, personal_data = services.watch.audit, services.accounts.personal_data
    request_id = request_info().request_id
    return attachment(service.export(audit, personal_data, caller(), request_id), FILE)


@me.delete("/v1/me", responses={200: schemas.EndedByErasure, **refusals(*WITH_SESSION)})
@limit_own_data
def erase_me() -> Response:
    """Delete everything that is held of the user, and end all sessions (注销)."""
    audit, erasure = services.watch.audit, services.accounts.erasure
    return answer(service.erase(audit, erasure, caller(), request_info().request_id))
