"""The console's words for what the program names in its own way."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from wxlogin.watch.rules import BY_NAME

ROLES = {"owner": _("Owner"), "operator": _("Operator"), "viewer": _("Viewer")}
PLATFORMS = {
    "ios": "iOS",
    "android": "Android",
    "windows": "Windows",
    "mac": "macOS",
    "devtools": _("Developer tools"),
    "ohos": "HarmonyOS",
    "other": _("Other device"),
}
OUTCOMES = {
    "intent": _("begun"),
    "done": _("done"),
    "refused": _("refused"),
    "failed": _("failed"),
}
OUTCOME_MOODS = {"done": "good", "refused": "warn", "failed": "bad"}

EVENTS = {
    "login.succeeded": _("Signed in"),
    "login.region_unusual": _("Signed in from an unusual region"),
    "login.travel_too_fast": _("Travelled faster than a plane"),
    "login.rate_limited": _("Too many logins"),
    "login.banned": _("Banned user tried to sign in"),
    "login.device_refused": _("One device too many"),
    "code.invalid": _("Bad login code"),
    "code.reused": _("Login code used twice"),
    "token.forged": _("Forged token"),
    "request.rate_limited": _("Too many requests"),
    "request.replayed": _("Replayed request"),
    "request.signature_invalid": _("Wrong request signature"),
    "decrypt.failed": _("Data that does not open"),
    "session_key.stale": _("Stale session_key"),
    "session.record_unknown": _("Session record of an unknown version"),
    "wechat.user_blocked": _("WeChat blocks the user"),
    "wechat.rate_limited": _("WeChat limits our calls"),
    "wechat.unavailable": _("WeChat does not answer"),
    "wechat.misconfigured": _("WeChat refuses our settings"),
    "admin.login_failed": _("Failed admin sign-in"),
    "admin.csrf_failed": _("Admin call from another site"),
    "secret.leak_blocked": _("Answer with a secret stopped"),
    "watch.overflow": _("More events than could be kept"),
}
SEVERITY_MOODS = {"warning": "warn", "alarm": "bad"}
ACTS = {
    "admin.change": _("Changed an admin"),
    "admin.create": _("Made an admin"),
    "admin.password": _("Changed the own password"),
    "admin.recovery_codes": _("Made new recovery codes"),
    "admin.reset_password": _("Made an admin a new password"),
    "admin.reset_totp": _("Took an admin's second factor away"),
    "admin.sign_in": _("Signed in"),
    "admin.sign_out": _("Signed out"),
    "admin.totp": _("Set up a second factor"),
    "app.add": _("Added a mini-program"),
    "app.disable": _("Disabled a mini-program"),
    "app.enable": _("Enabled a mini-program"),
    "app.end_sessions": _("Ended a mini-program's sessions"),
    "app.set_push_keys": _("Set message push keys"),
    "app.set_secret": _("Replaced an AppSecret"),
    "service.access_token": _("Gave an access_token to a service"),
    "service.identity": _("Told a service an openid"),
    "service.sign": _("Signed for a service"),
    "session.end": _("Ended a session"),
    "token.create": _("Made an API token"),
    "token.revoke": _("Revoked an API token"),
    "user.ban": _("Banned a user"),
    "user.erase": _("Erased a user"),
    "user.export": _("Exported a user's data"),
    "user.kick": _("Ended a user's sessions"),
    "user.reset_session_key": _("Reset a session_key"),
    "user.reveal": _("Looked at openid and phone"),
    "user.unban": _("Lifted a ban"),
}
KEY_KINDS = {
    "data": _("Data at rest"),
    "index": _("Blind indexes"),
    "signing": _("Signing tokens"),
}
EVENT_FIELDS = {
    "app": _("Mini-program"),
    "before": _("Before"),
    "code": _("Code"),
    "endpoint": _("Endpoint"),
    "kilometres": _("Kilometres"),
    "minutes": _("Minutes"),
    "platform": _("Platform"),
    "region": _("Region"),
    "secret": _("Secret"),
}
GENDERS = {"1": _("male"), "2": _("female")}
PROFILE_FIELDS = {
    "nickName": _("Nickname"),
    "gender": _("Gender"),
    "country": _("Country"),
    "province": _("Province"),
    "city": _("City"),
    "language": _("Language"),
}
SCOPES = {
    "introspect": (_("Introspect"), _("Ask whether a session token is good, and whose it is.")),
    "identity": (_("Identity"), _("Read openid and unionid, for payment and messages.")),
    "wechat": (_("WeChat"), _("Get access tokens and signatures for calls to WeChat.")),
    "read": (_("Read"), _("Read what viewers see in this console, by the API.")),
    "operate": (_("Operate"), _("End sessions, ban users and read, by the API.")),
}


def _word(table: Mapping[str, LazyString | str], name: str | None) -> str:
    return str(table.get(name or "", name or ""))


def act(name: str) -> str:
    """An audited act."""
    return _word(ACTS, name)


def event(kind: str) -> str:
    """A kind of event."""
    return _word(EVENTS, kind)


def event_field(name: str) -> str:
    """What a field of an event's details is."""
    return _word(EVENT_FIELDS, name)


def key_kind(name: str) -> str:
    """What a key is for."""
    return _word(KEY_KINDS, name)


def outcome(name: str) -> str:
    """How an audited act ended."""
    return _word(OUTCOMES, name)


def outcome_mood(name: str) -> str:
    """The mood of a badge for it; a calm one for what is only begun."""
    return OUTCOME_MOODS.get(name, "")


def platform(name: str) -> str:
    """A platform's name, as its maker writes it."""
    return _word(PLATFORMS, name)


def profile_field(name: str) -> str:
    """A field of WeChat's profile."""
    return _word(PROFILE_FIELDS, name)


def profile_value(value: object, field: str) -> str:
    """What a field of WeChat's profile says."""
    return str(GENDERS.get(str(value), value) if field == "gender" else value)


def role(name: str) -> str:
    """A role's name."""
    return _word(ROLES, name)


def rule(name: str) -> str:
    """The title of a rule of the watch."""
    return gettext(BY_NAME[name].title) if name in BY_NAME else name


def scope(name: str) -> str:
    """The scope of an API token."""
    return str(SCOPES[name][0])


def severity_mood(name: str) -> str:
    """The mood of a badge for an event so grave; a calm one for what is only told."""
    return SEVERITY_MOODS.get(name, "")


def roles() -> list[tuple[str, str]]:
    """The roles to choose from, the mightiest first."""
    return [(name, str(label)) for name, label in ROLES.items()]


def scopes() -> list[tuple[str, str, str]]:
    """The scopes to choose from, each with what it allows."""
    return [(name, str(label), str(allows)) for name, (label, allows) in SCOPES.items()]


WORDS = {
    word.__name__: word
    for word in (
        act,
        event,
        event_field,
        key_kind,
        outcome,
        outcome_mood,
        platform,
        profile_field,
        profile_value,
        role,
        rule,
        scope,
        severity_mood,
    )
}
"""The filters of the templates."""
