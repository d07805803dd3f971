"""What the open data calls decide."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from wxlogin import errors
from wxlogin.decrypt.schemas import (
    DataAnswer,
    EncryptedBody,
    Phone,
    PhoneAnswer,
    PhoneBody,
    ProfileAnswer,
    ProfileBody,
    SignedBody,
    Verified,
)
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.guard.passage import Caller
from wxlogin.sessions.session_keys import KeptKeys
from wxlogin.wechat import NothingSent, opendata
from wxlogin.wechat.opendata import DataTooOld, DataUnreadable, Owner

AGAIN = "The user presses the phone button again, and its next code is sent once."


def open_data(engines: Engines, caller: Caller, body: EncryptedBody) -> DataAnswer:
    """Open data of any kind that is known."""
    kept = engines.user_keys.fetch(caller.session.tag)
    return DataAnswer(data=_opened(engines, caller, body, kept))


def open_profile(engines: Engines, caller: Caller, body: ProfileBody) -> ProfileAnswer:
    """Check the signature, open the profile and keep it with the user."""
    kept = engines.user_keys.fetch(caller.session.tag)
    _verify(engines, caller, body, kept)
    profile = _opened(engines, caller, body, kept, opendata.PROFILE)
    engines.users.keep_profile(caller.session.tag, profile)
    return ProfileAnswer(profile=profile)


def open_phone(engines: Engines, caller: Caller, body: PhoneBody) -> PhoneAnswer:
    """Get the phone number by its code or from its encrypted data, and keep it with the user."""
    if body.code:
        told = _phone_by_code(engines, caller, body.code)
    else:
        kept = engines.user_keys.fetch(caller.session.tag)
        told = _opened(engines, caller, body, kept, opendata.PHONE)
    try:
        phone = Phone.model_validate(told)
    except ValidationError:
        raise ApiError(errors.DATA_INVALID) from None
    engines.users.keep_phone(caller.session.tag, phone.model_dump())
    return PhoneAnswer(phone=phone)


def verify(engines: Engines, caller: Caller, body: SignedBody) -> Verified:
    """Check that rawData was signed under the user's session_key."""
    _verify(engines, caller, body, engines.user_keys.fetch(caller.session.tag))
    return Verified()


def _phone_by_code(engines: Engines, caller: Caller, code: str) -> dict[str, Any]:
    """What WeChat tells of a code of the phone button; a code is sent once."""
    app = engines.apps.find(caller.session.app)
    openid = engines.users.openid(caller.session.tag)
    engines.access_tokens.get(app.credentials)  # a fault here leaves the code unused
    try:
        claim = engines.codes.claim(app.appid, code, "phone")
        told = engines.access_tokens.use(
            app.credentials, lambda token: engines.wechat.phone_number(token, openid, code)
        )
    except NothingSent:
        engines.codes.release(claim)
        raise
    except ApiError as refusal:
        if refusal.entry in (errors.CODE_INVALID, errors.CODE_USED):
            raise ApiError(refusal.entry, AGAIN, action="reauthorize") from None
        raise
    if not opendata.is_ours(told, app.appid):
        raise ApiError(errors.DATA_INVALID)
    return told


def _verify(engines: Engines, caller: Caller, body: SignedBody, kept: KeptKeys) -> None:
    signed = [
        opendata.raw_signature_holds(body.rawData, session_key, body.signature)
        for session_key in kept.all
    ]
    if not any(signed):
        raise engines.user_keys.blame(
            caller.session.tag, caller.session.app, kept, errors.SIGNATURE_MISMATCH
        )


def _opened(
    engines: Engines,
    caller: Caller,
    body: EncryptedBody | ProfileBody | PhoneBody,
    kept: KeptKeys,
    required: frozenset[str] | None = None,
) -> dict[str, Any]:
    """The data opened with the user's keys, newest first, and judged.

    Data that no key opens and data that is not in order look alike to the caller: WeChat's word
    on the key decides what is said.
    """
    session = caller.session
    owner = Owner(session.app, engines.users.openid(session.tag))
    for session_key in kept.all:
        with suppress(DataUnreadable):
            data = opendata.decrypt(session_key, body.encryptedData or "", body.iv or "")
            needed = required or opendata.kind_of(data)
            try:
                return opendata.check(
                    data,
                    owner,
                    needed,
                    now=engines.clock(),
                    max_age=engines.settings.open_data_max_age,
                )
            except DataTooOld:
                raise ApiError(errors.DATA_STALE) from None
    raise engines.user_keys.blame(session.tag, session.app, kept, errors.DATA_INVALID)
