"""The console's words for what the program names in its own way."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

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
SEVERITIES = {"info": _("Info"), "warning": _("Warning"), "alarm": _("Alarm")}
SEVERITY_MOODS = {"warning": "warn", "alarm": "bad"}


def _word(table: Mapping[str, LazyString | str], name: str | None) -> str:
    return str(table.get(name or "", name or ""))


def role(name: str) -> str:
    """A role's name."""
    return _word(ROLES, name)


def platform(name: str) -> str:
    """A platform's name, as its maker writes it."""
    return _word(PLATFORMS, name)


def outcome(name: str) -> str:
    """How an audited act ended."""
    return _word(OUTCOMES, name)


def outcome_mood(name: str) -> str:
    """The mood of a badge for it; a calm one for what is only begun."""
    return str(OUTCOME_MOODS.get(name, ""))


def event(kind: str) -> str:
    """A kind of event."""
    return _word(EVENTS, kind)


def severity(name: str) -> str:
    """How grave an event is."""
    return _word(SEVERITIES, name)


def severity_mood(name: str) -> str:
    """The mood of a badge for it; a calm one for what is only told."""
    return str(SEVERITY_MOODS.get(name, ""))


WORDS = {
    word.__name__: word
    for word in (role, platform, outcome, outcome_mood, event, severity, severity_mood)
}
