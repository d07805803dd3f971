"""Labels, for people, of the names that the program uses."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.certificate_words import WORDS
from wxlogin.admin.console import act_labels
from wxlogin.admin.console.act_labels import ACTS
from wxlogin.admin.console.language import language
from wxlogin.error_words import said
from wxlogin.errors import CATALOGUE, ApiError
from wxlogin.watch import geo
from wxlogin.watch.alert_words import rule_words
from wxlogin.watch.rule_table import BY_NAME

ROLES = {
    "owner": _("Owner"),
    "operator": _("Operator"),
    "viewer": _("Viewer"),
    "auditor": _("Auditor"),
}
PLATFORMS = {
    "ios": "iOS",
    "android": "Android",
    "windows": "Windows",
    "mac": "macOS",
    "devtools": _("Developer tools"),
    "ohos": "HarmonyOS",
    "web": _("Browser"),
    "other": _("Other device"),
}
STORE_STATES = {
    "ok": _("OK"),
    "out": _("unavailable"),
    "full": _("full"),
    "read-only": _("read-only"),
    "pending": _("older than the program"),
    "ahead": _("newer than the program"),
    "unknown": _("unknown"),
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
    "login.travel_too_fast": _("Impossible travel"),
    "login.rate_limited": _("Too many logins"),
    "login.banned": _("Banned user tried to sign in"),
    "login.risky": _("First sign-in refused: WeChat rates the user as risky"),
    "login.risk_unknown": _("WeChat gave no risk rank"),
    "login.device_refused": _("One device too many"),
    "code.invalid": _("Bad login code"),
    "code.reused": _("Login code used twice"),
    "scan.confirmed": _("Approved a sign-in by QR code"),
    "scan.confirmed_elsewhere": _("Approved a sign-in by QR code from another region"),
    "scan.refused": _("Refused a sign-in by QR code"),
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
    "wechat.phone_calls": _("More phone numbers in a day than expected"),
    "push.unencrypted": _("Privacy event of WeChat that came unencrypted"),
    "admin.login_failed": _("Failed admin sign-in"),
    "admin.code_guessed": _("Second factor of an admin guessed at"),
    "admin.signed_in_elsewhere": _("Admin signed in from a new address"),
    "admin.recovery_code_used": _("Admin used a recovery code"),
    "admin.created": _("New admin"),
    "admin.token_created": _("New API token"),
    "admin.search_limited": _("Too many searches of one admin"),
    "admin.export_limited": _("Too many exports of one admin"),
    "admin.csrf_failed": _("Admin call from another site"),
    "secret.leak_blocked": _("Answer with a secret stopped"),
    "webhook.paused": _("Webhook paused"),
    "certificate.ends": _("TLS certificate ends soon or is not valid"),
    "watch.overflow": _("More events than could be kept"),
}
SEVERITY_MOODS = {"warning": "warn", "alarm": "bad"}
KEY_KINDS = {
    "data": _("Data at rest"),
    "index": _("Blind indexes"),
    "signing": _("Signing tokens"),
}
EVENT_FIELDS = {
    "app": _("Mini-program"),
    "before": _("Before"),
    "browser": _("Browser"),
    "by": _("Who"),
    "calls": _("Calls"),
    "code": _("Code"),
    "day": _("Day"),
    "days_left": _("Days left"),
    "endpoint": _("Endpoint"),
    "fault": _("Fault"),
    "host": _("Host"),
    "kilometres": _("Kilometres"),
    "minutes": _("Minutes"),
    "phone_region": _("Region of the phone"),
    "platform": _("Platform"),
    "region": _("Region"),
    "risk_rank": _("WeChat's risk rank"),
    "secret": _("Secret"),
    "target": _("Target"),
}
REGION_FIELDS = frozenset({"before", "phone_region", "region"})
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
    "link": (_("Link"), _("Give users the ids that your own systems know them by.")),
    "wechat": (_("WeChat"), _("Get access tokens and signatures for calls to WeChat.")),
    "read": (_("Read"), _("Read what viewers see in this console, by the API.")),
    "operate": (_("Operate"), _("End sessions, ban users and read, by the API.")),
}


def advice(rule: str) -> str:
    """Return what to do about an alert of a rule, empty if this program has no such rule."""
    return rule_words(rule, language()).advice if rule in BY_NAME else ""


def _label(table: Mapping[str, LazyString | str], name: str | None) -> str:
    return str(table.get(name or "", name or ""))


def act(name: str) -> str:
    """Return the label of an audited act."""
    return _label(ACTS, name)


def act_field(name: str) -> str:
    """Return the label of what the trail notes beside an act."""
    return _label(act_labels.FIELDS, name)


def act_value(value: object) -> str:
    """Return what the trail notes beside an act, for people."""
    match value:
        case None:
            return str(_("none"))
        case bool():
            return str(_("Yes") if value else _("No"))
        case dict():
            return ", ".join(f"{act_field(name)} {act_value(one)}" for name, one in value.items())
        case list():
            return ", ".join(map(act_value, value)) or str(_("none"))
    return role(str(value))


def target_kind(target: str) -> str:
    """Return the label of what kind of thing an act was done to."""
    return _label(act_labels.TARGETS, target.partition(":")[0])


def event_value(value: object, field: str) -> str:
    """Return the value of a field of an event's details, for people."""
    text = str(value)
    if field in REGION_FIELDS:
        return region(text)
    if field == "code" and text in CATALOGUE:
        return f"{said(ApiError(CATALOGUE[text]), language())[0]} ({text})"
    if field == "fault" and text in WORDS:
        return str(gettext(WORDS[text]))
    return platform(text) if field == "platform" else text


def event(kind: str) -> str:
    """Return the label of a kind of event."""
    return _label(EVENTS, kind)


def event_field(name: str) -> str:
    """Return the label of a field of an event's details."""
    return _label(EVENT_FIELDS, name)


def key_kind(name: str) -> str:
    """Return what a kind of key is for."""
    return _label(KEY_KINDS, name)


def outcome(name: str) -> str:
    """Return the label of how an audited act ended."""
    return _label(OUTCOMES, name)


def outcome_mood(name: str) -> str:
    """Return the mood of an outcome's badge; empty, which is neutral, for an intent."""
    return OUTCOME_MOODS.get(name, "")


def platform(name: str) -> str:
    """Return a platform's name, as its maker writes it."""
    return _label(PLATFORMS, name)


def device_name(kind: str, name: str | None) -> str:
    """Return a device as people know it: what its user calls it, and its platform."""
    return f"{name} ({platform(kind)})" if name else platform(kind)


def profile_field(name: str) -> str:
    """Return the label of a field of WeChat's profile."""
    return _label(PROFILE_FIELDS, name)


def profile_value(value: object, field: str) -> str:
    """Return the value of a field of WeChat's profile, for people."""
    return str(GENDERS.get(str(value), value) if field == "gender" else value)


def region(text: str | None) -> str:
    """Return a region in the page's language, as far as its names are known in it."""
    if not text:
        return str(_("unknown region"))
    return text if language() == "zh" else geo.in_english(text)


def role(name: str) -> str:
    """Return the label of a role."""
    return _label(ROLES, name)


def store_state(name: str) -> str:
    """Return the state of a store, or of its migrations."""
    return _label(STORE_STATES, name)


def rule(name: str) -> str:
    """Return the title of a rule, its name if this program has no such rule."""
    return rule_words(name, language()).title if name in BY_NAME else name


def scope(name: str) -> str:
    """Return the label of an API token's scope."""
    return str(SCOPES[name][0])


def severity_mood(name: str) -> str:
    """Return the mood of a severity's badge; empty, which is neutral, for information."""
    return SEVERITY_MOODS.get(name, "")


def roles() -> list[tuple[str, str]]:
    """Return the roles and their labels, the one with most permissions first."""
    return [(name, str(label)) for name, label in ROLES.items()]


def scopes() -> list[tuple[str, str, str]]:
    """Return the scopes, their labels, and what each allows."""
    return [(name, str(label), str(allows)) for name, (label, allows) in SCOPES.items()]


LABELS = {
    label.__name__: label
    for label in (
        act,
        act_field,
        act_value,
        advice,
        event,
        event_field,
        event_value,
        key_kind,
        outcome,
        outcome_mood,
        platform,
        profile_field,
        profile_value,
        region,
        role,
        rule,
        store_state,
        scope,
        severity_mood,
        target_kind,
    )
}
"""Filters of the templates."""
