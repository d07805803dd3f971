"""Labels, for people, of the names that the program uses."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wxlogin.admin.console import act_labels
from wxlogin.admin.console.act_labels import ACTS
from wxlogin.admin.console.language import language
from wxlogin.watch import geo
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.alert_words import rule_words

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

KEY_KINDS = {
    "data": _("Data at rest"),
    "index": _("Blind indexes"),
    "signing": _("Signing tokens"),
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
    "link": (_("Link"), _("Give users the ids that your own systems know them by.")),
    "wechat": (_("WeChat"), _("Get access tokens and signatures for calls to WeChat.")),
    "read": (_("Read"), _("Read what viewers see in this console, by the API.")),
    "operate": (_("Operate"), _("End sessions, ban users and read, by the API.")),
}


def advice(rule: str) -> str:
    """Return what to do about an alert of a rule, empty if this program has no such rule."""
    return rule_words(rule, language()).advice if rule in BY_NAME else ""


def label(table: Mapping[str, LazyString | str], name: str | None) -> str:
    """Return what a table calls a name, the name itself if it does not stand there."""
    return str(table.get(name or "", name or ""))


def act(name: str) -> str:
    """Return the label of an audited act."""
    return label(ACTS, name)


def act_field(name: str) -> str:
    """Return the label of what the trail notes beside an act."""
    return label(act_labels.FIELDS, name)


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
    return label(act_labels.TARGETS, target.partition(":")[0])


def key_kind(name: str) -> str:
    """Return what a kind of key is for."""
    return label(KEY_KINDS, name)


def outcome(name: str) -> str:
    """Return the label of how an audited act ended."""
    return label(OUTCOMES, name)


def outcome_mood(name: str) -> str:
    """Return the mood of an outcome's badge; empty, which is neutral, for an intent."""
    return OUTCOME_MOODS.get(name, "")


def platform(name: str) -> str:
    """Return a platform's name, as its maker writes it."""
    return label(PLATFORMS, name)


def device_name(kind: str, name: str | None) -> str:
    """Return a device as people know it: what its user calls it, and its platform."""
    return f"{name} ({platform(kind)})" if name else platform(kind)


def profile_field(name: str) -> str:
    """Return the label of a field of WeChat's profile."""
    return label(PROFILE_FIELDS, name)


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
    return label(ROLES, name)


def store_state(name: str) -> str:
    """Return the state of a store, or of its migrations."""
    return label(STORE_STATES, name)


def rule(name: str) -> str:
    """Return the title of a rule, its name if this program has no such rule."""
    return rule_words(name, language()).title if name in BY_NAME else name


def scope(name: str) -> str:
    """Return the label of an API token's scope."""
    return str(SCOPES[name][0])


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
        target_kind,
    )
}
"""Filters of the templates."""
