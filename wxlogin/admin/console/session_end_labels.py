"""Labels for why sessions ended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

ENDS = {
    "replaced": _("Replaced by another sign-in"),
    "evicted": _("Over the limit of devices"),
    "kicked": _("Signed out by an operator"),
    "signed_out": _("Signed out by the user"),
    "expired": _("Expired"),
    "banned": _("Banned"),
    "erased": _("Account erased"),
    "app_disabled": _("Mini-program disabled"),
}
END_MOODS = {"kicked": "warn", "evicted": "warn", "replaced": "warn", "banned": "bad"}


def end(why: str) -> str:
    """Return why a session ended."""
    return str(ENDS.get(why, why))


def end_mood(why: str) -> str:
    """Return the mood of the badge that says why a session ended."""
    return END_MOODS.get(why, "")


FILTERS = {"end": end, "end_mood": end_mood}
