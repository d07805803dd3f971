"""Labels, for people, of security events and of what stands in their details."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.certificate_words import WORDS
from wxlogin.admin.console.labels import label, platform, region
from wxlogin.admin.console.language import language
from wxlogin.error_words import said
from wxlogin.errors import CATALOGUE, ApiError

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


def event(kind: str) -> str:
    """Return the label of a kind of event."""
    return label(EVENTS, kind)


def event_field(name: str) -> str:
    """Return the label of a field of an event's details."""
    return label(EVENT_FIELDS, name)


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


def severity_mood(name: str) -> str:
    """Return the mood of a severity's badge; empty, which is neutral, for information."""
    return SEVERITY_MOODS.get(name, "")


FILTERS = {one.__name__: one for one in (event, event_field, event_value, severity_mood)}
"""Filters of the templates."""
