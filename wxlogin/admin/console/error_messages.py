"""The messages of refusals that forms show; listed here so that they are translated."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

FIELDS = {
    "actor": _("Who"),
    "address": _("Address"),
    "aes_key": "EncodingAESKey",
    "appid": "AppID",
    "body": _("Form"),
    "id": "ID",
    "invitation": _("Invitation"),
    "events": _("What shall it be told?"),
    "lasts": _("How long?"),
    "name": _("Name"),
    "note": _("Note"),
    "new_password": _("The new password"),
    "otp": _("One-time code"),
    "password": _("Password"),
    "phone": _("Phone number"),
    "q": _("Find"),
    "reason": _("Reason"),
    "region": _("Region"),
    "role": _("Role"),
    "scopes": _("What may it do?"),
    "secret": _("AppSecret"),
    "since": _("Since"),
    "target": _("Target"),
    "token": _("Token"),
    "typed_name": _("Name"),
    "until": _("Until"),
    "url": _("URL"),
    "user": _("User ID"),
    "username": _("User name"),
}

REASONS = (
    _("Field required"),
    _("List should have at least 1 item after validation, not 0"),
    _("has no fresh second factor: POST me/totp"),
    _("is of an admin who has accepted: reset the password instead"),
    _("is easy to guess, or stands in lists of breached passwords"),
    _("is registered; replace its AppSecret instead"),
    _("is taken"),
    _("should be 1 to 128 characters"),
    _("should be 1 to 200 characters, none of them invisible"),
    _("should be 1 to 64 characters, none of them invisible"),
    _("should be 1 to 64 of a-z, 0-9, dot, dash and underscore, such as alice"),
    _("should be 3 to 32 letters and digits"),
    _("should be a phone number as people write it"),
    _("should be a target, such as user:ID"),
    _("should be a time such as 2030-01-31T12:00:00Z"),
    _("should be a user's id"),
    _("should be an EncodingAESKey: 43 letters and digits"),
    _("should be an actor, such as admin:alice"),
    _("should be an address"),
    _("should be an address or a network such as 203.0.113.0/24"),
    _("should be an appid such as wx0123456789abcdef"),
    _("should be a URL in ASCII; write other characters percent-encoded or as punycode"),
    _("should be a URL with http or https"),
    _("should be a URL with https"),
    _("should be an openid"),
    _("should be in the future"),
    _("should be later than since"),
    _("should be the AppSecret as WeChat's console shows it"),
    _("should be the name as it stands above"),
    _("should be the six digits of the app, or a recovery code"),
    _("should differ from the one before"),
    _("should have 12 to 128 characters"),
    _("should have exactly one of id, openid and phone"),
    _("should have no user, password or fragment: requests are signed instead"),
    _("should not be an address of a private network"),
    _("should not hold the name"),
)

DETAILS = (
    _("No live session has this id."),
    _("No mini-program of this appid is registered."),
    _("The invitation is wrong, used or over. Ask for another."),
    _("The one-time code is wrong."),
    _("The password is wrong."),
    _("There is no API token of this id."),
    _("There is no admin of this id."),
    _("There is no alert of this id."),
    _("There is no delivery of this id."),
    _("There is no user of this id."),
    _("There is no webhook of this id."),
    _("This call came from another site's page."),
    _("This is the last owner who can sign in."),
    _(
        "The AppSecret is replaced, but WeChat did not renew the access_token: the one before "
        "lives on. Replace it once more."
    ),
    _("WeChat did not take this AppSecret; the mini-program is not registered."),
    _("WeChat did not take this AppSecret; the old one is kept."),
    _("WeChat refuses this mini-program; the session_key is as it was."),
    _("You have no session of this id."),
    _("Your role does not allow a search by phone number."),
)


def field_error(field: str, reason: str) -> str:
    """Return what is wrong with a field, in the reader's language."""
    return str(
        gettext("%(field)s: %(reason)s", field=FIELDS.get(field, field), reason=gettext(reason))
    )
