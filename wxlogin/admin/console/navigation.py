"""The navigation, as data."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wxlogin.guard.admin_gate import is_allowed


@dataclass(frozen=True)
class Item:
    """A page of the navigation, and the permission that it needs to be shown."""

    endpoint: str
    label: LazyString
    icon: str
    permission: str


@dataclass(frozen=True)
class Group:
    """Pages that belong together."""

    label: LazyString | None
    items: tuple[Item, ...]


GROUPS = (
    Group(
        None,
        (
            Item("console.overview", _("Overview"), "speedometer2", "overview.read"),
            Item("console.now", _("Now"), "activity", "overview.read"),
        ),
    ),
    Group(
        _("People"),
        (
            Item("console.users", _("Users"), "people", "users.read"),
            Item("console.sessions", _("Live sessions"), "broadcast", "sessions.read"),
        ),
    ),
    Group(
        _("Watch"),
        (
            Item("console.alerts", _("Alerts"), "bell", "events.read"),
            Item("console.events", _("Events"), "shield-exclamation", "events.read"),
            Item("console.audit", _("Audit"), "journal-text", "audit.read"),
        ),
    ),
    Group(
        _("Set-up"),
        (
            Item("console.apps", _("Mini-programs"), "app-indicator", "apps.read"),
            Item("console.doctor", _("Doctor"), "clipboard2-pulse", "doctor.run"),
            Item("console.key_rings", _("Keys"), "key", "keys.read"),
            Item("console.admins", _("Admins"), "person-badge", "admins.read"),
            Item("console.webhooks", _("Webhooks"), "send", "webhooks.read"),
            Item("console.tokens", _("API tokens"), "plug", "tokens.read"),
        ),
    ),
)


def navigation() -> list[Group]:
    """Return the groups with the pages that the admin may see."""
    allowed = [
        Group(group.label, tuple(item for item in group.items if is_allowed(item.permission)))
        for group in GROUPS
    ]
    return [group for group in allowed if group.items]


def is_current(endpoint: str) -> bool:
    """Return whether this page, or one below it, is the current one."""
    path = url_for(endpoint)
    return request.path == path or (path != "/admin/" and request.path.startswith(f"{path}/"))
