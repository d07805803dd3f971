"""Where an operator can go: the navigation, as data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.may import may


@dataclass(frozen=True)
class Place:
    """A page of the navigation, and the permission without which it is not shown."""

    endpoint: str
    label: LazyString
    icon: str
    permission: str


@dataclass(frozen=True)
class Group:
    """Pages that belong together."""

    label: LazyString | None
    places: tuple[Place, ...]


GROUPS = (
    Group(
        None,
        (Place("console.overview", _("Overview"), "speedometer2", "overview.read"),),
    ),
    Group(
        _("People"),
        (
            Place("console.users", _("Users"), "people", "users.read"),
            Place("console.sessions", _("Live sessions"), "broadcast", "sessions.read"),
        ),
    ),
    Group(
        _("Watch"),
        (
            Place("console.events", _("Events"), "shield-exclamation", "events.read"),
            Place("console.audit", _("Audit"), "journal-text", "audit.read"),
        ),
    ),
    Group(
        _("Set-up"),
        (
            Place("console.apps", _("Mini-programs"), "app-indicator", "apps.read"),
            Place("console.key_rings", _("Keys"), "key", "keys.read"),
            Place("console.admins", _("Admins"), "person-badge", "admins.read"),
            Place("console.tokens", _("API tokens"), "plug", "tokens.read"),
        ),
    ),
)


def navigation() -> list[Group]:
    """The groups with what the operator may see."""
    seen = [
        Group(group.label, tuple(place for place in group.places if may(place.permission)))
        for group in GROUPS
    ]
    return [group for group in seen if group.places]


def stands_at(endpoint: str) -> bool:
    """Whether the page at hand is this one, or lies below it."""
    path = url_for(endpoint)
    return request.path == path or (path != "/admin/" and request.path.startswith(f"{path}/"))
