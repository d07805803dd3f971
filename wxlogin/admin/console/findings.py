"""What a search finds, for people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS = {
    "user": _("User"),
    "session": _("Session"),
    "request": _("Request"),
    "address": _("IP address"),
    "app": _("Mini-program"),
}
FOUND_BY = {
    "id": _("User ID"),
    "openid": "openid",
    "phone": _("Phone number"),
    "external_id": _("Your own ID"),
}


def found_kind(kind: str) -> str:
    """Return what was found."""
    return str(KINDS[kind])


def found_by(name: str) -> str:
    """Return what of a user the text was."""
    return str(FOUND_BY[name])


FILTERS = {"found_kind": found_kind, "found_by": found_by}
