"""What services tell in refusals, as forms repeat it; listed so that translators find it."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

FIELDS = {
    "aes_key": "EncodingAESKey",
    "appid": "AppID",
    "body": _("Form"),
    "lasts": _("How long?"),
    "name": _("Name"),
    "new_password": _("The new password"),
    "otp": _("One-time code"),
    "password": _("Password"),
    "phone": _("Phone number"),
    "reason": _("Reason"),
    "role": _("Role"),
    "scopes": _("What may it do?"),
    "secret": _("AppSecret"),
    "token": _("Token"),
    "username": _("User name"),
}

REASONS = (
    _("Field required"),
    _("List should have at least 1 item after validation, not 0"),
    _("has no fresh second factor: POST me/totp"),
    _("is easy to guess, or stands in lists of breached passwords"),
    _("is registered"),
    _("is taken"),
    _("should be 1 to 200 characters, no control characters"),
    _("should be 1 to 64 characters, no control characters"),
    _("should be 1 to 64 of a-z, 0-9, dot, dash and underscore, such as alice"),
    _("should be 1 to 64 printable characters"),
    _("should be 3 to 32 letters and digits"),
    _("should be a phone number as people write it"),
    _("should be a user's id"),
    _("should be an EncodingAESKey: 43 letters and digits"),
    _("should be an appid such as wx0123456789abcdef"),
    _("should be an openid"),
    _("should be the AppSecret as WeChat's console shows it"),
    _("should be the six digits of the app, or a recovery code"),
    _("should have 12 to 128 characters"),
    _("should have exactly one of id, openid and phone"),
    _("should not hold the name"),
)

DETAILS = (
    _("No live session has this id."),
    _("No mini-program of this appid is registered."),
    _("The one-time code is wrong."),
    _("The password is wrong."),
    _("There is no API token of this id."),
    _("There is no admin of this id."),
    _("There is no user of this id."),
    _("This call came from another site's page."),
    _("This is the last owner who can sign in."),
    _("WeChat did not take this AppSecret; the old one is kept."),
    _("You have no session of this id."),
)


def fault(field: str, reason: str) -> str:
    """What is wrong with a field, in the reader's words."""
    return str(
        gettext("%(field)s: %(reason)s", field=FIELDS.get(field, field), reason=gettext(reason))
    )
