"""What WeChat's payment and its encrypted channel need of a user's session_key."""

from __future__ import annotations

from wxlogin import errors
from wxlogin.accounts import Apps, UserDirectory
from wxlogin.accounts.user_keys import UserKeys
from wxlogin.errors import ApiError
from wxlogin.operators.api_tokens import TokenHolder
from wxlogin.server_api.schemas import (
    EncryptKeyItem,
    EncryptKeysAnswer,
    PaymentAnswer,
    PaymentBody,
)
from wxlogin.watch.audit import Actor, Audit
from wxlogin.wechat.virtual_payment import is_sandbox, sign_payment


def sign(
    audit: Audit,
    apps: Apps,
    user_keys: UserKeys,
    directory: UserDirectory,
    holder: TokenHolder,
    actor: Actor,
    body: PaymentBody,
) -> PaymentAnswer:
    """Sign a payment of the user, for the environment that its data name.

    SESSION_KEY_EXPIRED where no session_key is kept; INVALID_REQUEST for data that are no
    payment's, and where the mini-program has no AppKey for their environment; USER_BANNED.
    """
    with audit.act(actor, "service.payment", f"user:{body.user}"):
        user = directory.get(body.user)
        holder.require_app(user.appid)
        if user.ban:
            raise user.ban.refusal
        app_key = _app_key(apps, user.appid, body.sign_data)
        session_key = user_keys.get(body.user).current
    return PaymentAnswer(**sign_payment(app_key, session_key, body.uri, body.sign_data)._asdict())


def give_encrypt_keys(
    audit: Audit,
    user_keys: UserKeys,
    directory: UserDirectory,
    holder: TokenHolder,
    actor: Actor,
    user: str,
) -> EncryptKeysAnswer:
    """Ask WeChat for the keys of the user's encrypted channel; SESSION_KEY_EXPIRED as above."""
    with audit.act(actor, "service.encrypt_keys", f"user:{user}"):
        appid = directory.get(user).appid
        holder.require_app(appid)
        keys = user_keys.encrypt_keys(user, appid)
    return EncryptKeysAnswer(keys=[EncryptKeyItem(**key._asdict()) for key in keys])


def _app_key(apps: Apps, appid: str, sign_data: str) -> str:
    try:
        sandbox = is_sandbox(sign_data)
    except ValueError:
        raise _refusal("should be a JSON object whose `env` is 0 or 1") from None
    app_key = apps.get_active(appid).pay.of(sandbox=sandbox)
    if not app_key:
        option = " --sandbox" if sandbox else ""
        raise _refusal(
            f"needs an AppKey that is not set: `flask --app wsgi apps set-pay-key {appid}{option}`"
        )
    return app_key


def _refusal(reason: str) -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[("sign_data", reason)])
