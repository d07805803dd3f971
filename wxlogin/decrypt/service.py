"""The open data calls: decrypt, verify, profile and phone number."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from pydantic import ValidationError

from wxlogin import errors
from wxlogin.accounts import UserKeys, Users
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
from wxlogin.error_mapping import entry_of
from wxlogin.errors import ApiError
from wxlogin.guard.request_context import Caller
from wxlogin.service_error import ServiceError
from wxlogin.services import Accounts, WeChat
from wxlogin.sessions import CodeMarks
from wxlogin.sessions.session_keys import StoredKeys
from wxlogin.wechat import NothingSent, opendata
from wxlogin.wechat.opendata import DataTooOld, DataUnreadable, Owner

SPENT = (
    errors.CODE_INVALID,
    errors.CODE_USED,
    errors.WX_UNAVAILABLE,
    errors.WX_RATE_LIMITED,
)
"""Refusals after which the code is used up, or may be: sending it again never works."""
AGAIN = "The user presses the phone button again, and its next code is sent once."


class Freshness(NamedTuple):
    """How old open data may be: `now` in Unix seconds, `max_age` in seconds."""

    now: float
    max_age: int


def open_data(
    users: Users, user_keys: UserKeys, caller: Caller, body: EncryptedBody, freshness: Freshness
) -> DataAnswer:
    """Open data of any kind that is known."""
    kept = user_keys.get(caller.session.user)
    return DataAnswer(data=_decrypt(users, user_keys, caller, body, kept, freshness))


def open_profile(
    users: Users, user_keys: UserKeys, caller: Caller, body: ProfileBody, freshness: Freshness
) -> ProfileAnswer:
    """Check the signature, open the profile and keep it with the user."""
    kept = user_keys.get(caller.session.user)
    _verify(user_keys, caller, body, kept)
    profile = _decrypt(users, user_keys, caller, body, kept, freshness, opendata.PROFILE)
    users.save_profile(caller.session.user, profile)
    return ProfileAnswer(profile=profile)


def open_phone(
    users: Users, user_keys: UserKeys, caller: Caller, body: PhoneBody, freshness: Freshness
) -> PhoneAnswer:
    """Open an encrypted phone number and keep it with the user."""
    kept = user_keys.get(caller.session.user)
    data = _decrypt(users, user_keys, caller, body, kept, freshness, opendata.PHONE)
    return _keep_phone(users, caller, data, told=False)


def fetch_phone(
    wechat: WeChat, codes: CodeMarks, accounts: Accounts, caller: Caller, code: str
) -> PhoneAnswer:
    """Get the phone number at WeChat by the code of the phone button, and keep it with the user.

    A code is sent once. The number joins the user with others who have it, if the settings say so.
    """
    app = accounts.apps.get_active(caller.session.app)
    openid = accounts.users.get_openid(caller.session.user)
    wechat.access_tokens.get(app.credentials)  # a fault here leaves the code unused
    try:
        claim = codes.claim(app.appid, code, "phone")
        data = wechat.access_tokens.use(
            app.credentials, lambda token: wechat.client.phone_number(token, openid, code)
        )
    except NothingSent:
        codes.release(claim)
        raise
    except (ApiError, ServiceError) as refusal:
        entry = entry_of(refusal) if isinstance(refusal, ServiceError) else refusal.entry
        if entry in SPENT:
            raise ApiError(entry, AGAIN, action="reauthorize") from None
        raise
    accounts.phone_calls.count(app.appid)
    if not opendata.is_ours(data, app.appid):
        raise ApiError(errors.DATA_INVALID)
    kept = _keep_phone(accounts.users, caller, data, told=True)
    accounts.persons.join_by_phone(caller.session.user, kept.phone.model_dump())
    return kept


def verify(user_keys: UserKeys, caller: Caller, body: SignedBody) -> Verified:
    """Check that rawData was signed under the user's session_key."""
    _verify(user_keys, caller, body, user_keys.get(caller.session.user))
    return Verified()


def _keep_phone(users: Users, caller: Caller, data: dict[str, Any], *, told: bool) -> PhoneAnswer:
    try:
        phone = Phone.model_validate(data)
    except ValidationError:
        raise ApiError(errors.DATA_INVALID) from None
    users.save_phone(caller.session.user, phone.model_dump(), told=told)
    return PhoneAnswer(phone=phone)


def _verify(user_keys: UserKeys, caller: Caller, body: SignedBody, kept: StoredKeys) -> None:
    signed = [
        opendata.raw_signature_holds(body.rawData, session_key, body.signature)
        for session_key in kept.all
    ]
    if not any(signed):
        session = caller.session
        user_keys.require_valid(session.user, session.app, kept)
        raise ApiError(errors.SIGNATURE_MISMATCH)


def _decrypt(
    users: Users,
    user_keys: UserKeys,
    caller: Caller,
    body: EncryptedBody | ProfileBody | PhoneBody,
    kept: StoredKeys,
    freshness: Freshness,
    required: frozenset[str] | None = None,
) -> dict[str, Any]:
    """Return the data opened with the user's keys, newest first, once it is checked.

    The caller gets the same answer for data that no key decrypts and for malformed data: it depends
    on whether WeChat still accepts the key.
    """
    session = caller.session
    owner = Owner(session.app, users.get_openid(session.user))
    for session_key in kept.all:
        with suppress(DataUnreadable):
            data = opendata.decrypt(session_key, body.encryptedData or "", body.iv or "")
            needed = required or opendata.kind_of(data)
            try:
                checked = opendata.check(data, owner, needed, **freshness._asdict())
            except DataTooOld:
                raise ApiError(errors.DATA_STALE) from None
            if needed == opendata.PROFILE:
                users.complete_unionid(session.user, opendata.unionid_of(data))
            return checked
    user_keys.require_valid(session.user, session.app, kept)
    raise ApiError(errors.DATA_INVALID)
