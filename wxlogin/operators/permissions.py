"""Who may do what: the one table of permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["owner", "operator", "viewer"]
Scope = Literal["introspect", "identity", "wechat", "read", "operate"]

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)

EVERYBODY = frozenset(ROLES)
OPERATORS = frozenset[Role]({"owner", "operator"})
OWNERS = frozenset[Role]({"owner"})

READ = frozenset[Scope]({"read", "operate"})
OPERATE = frozenset[Scope]({"operate"})
NONE = frozenset[Scope]()


@dataclass(frozen=True)
class Permission:
    """One row: which roles have it, and which scope of an API token is enough for it.

    `reauth`: the admin must have given the password within the last minutes. `enrolling`: also
    for an admin who must have a second factor and has none.
    """

    roles: frozenset[Role]
    scopes: frozenset[Scope] = NONE
    reauth: bool = False
    enrolling: bool = False


PERMISSIONS: dict[str, Permission] = {
    # My own account
    "me.read": Permission(EVERYBODY, enrolling=True),
    "me.logout": Permission(EVERYBODY, enrolling=True),
    "me.totp": Permission(EVERYBODY, enrolling=True),
    "me.reauth": Permission(EVERYBODY),
    "me.password": Permission(EVERYBODY),
    "me.recovery": Permission(EVERYBODY, reauth=True),
    # What is seen
    "overview.read": Permission(EVERYBODY, READ),
    "events.read": Permission(EVERYBODY, READ),
    "audit.read": Permission(OPERATORS, READ),
    # Users and their sessions
    "users.read": Permission(EVERYBODY, READ),
    "users.kick": Permission(OPERATORS, OPERATE),
    "users.ban": Permission(OPERATORS, OPERATE),
    "users.reset_key": Permission(OPERATORS, OPERATE),
    "users.reveal": Permission(OPERATORS),
    "users.export": Permission(OWNERS),
    "users.erase": Permission(OWNERS, reauth=True),
    "sessions.read": Permission(EVERYBODY, READ),
    "sessions.end": Permission(OPERATORS, OPERATE),
    # Mini-programs and keys
    "apps.read": Permission(EVERYBODY, READ),
    "apps.end_sessions": Permission(OWNERS),
    "apps.switch": Permission(OWNERS),
    "apps.secrets": Permission(OWNERS, reauth=True),
    "keys.read": Permission(EVERYBODY, READ),
    "keys.rotate": Permission(OWNERS, reauth=True),
    # Who may get in
    "admins.read": Permission(OWNERS),
    "admins.write": Permission(OWNERS, reauth=True),
    "tokens.read": Permission(OWNERS),
    "tokens.write": Permission(OWNERS, reauth=True),
}
"""Every call of the admin names exactly one of these; `apps.secrets` is also for adding an app."""

PUBLIC = "public"
"""What a call names that needs no sign-in: the sign-in itself, and files of the pages."""


def permissions_of(role: str) -> list[str]:
    """The names of what a role may do."""
    return [name for name, row in PERMISSIONS.items() if role in row.roles]
