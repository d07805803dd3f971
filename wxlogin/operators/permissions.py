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
    """One row: what it is for, which roles have it, which scope of an API token is enough for it.

    `reauth`: the admin must have given the password within the last minutes. `enrolling`: also
    for an admin who must have a second factor and has none.
    """

    covers: str
    roles: frozenset[Role]
    scopes: frozenset[Scope] = NONE
    reauth: bool = False
    enrolling: bool = False


PERMISSIONS: dict[str, Permission] = {
    # My own account
    "me.read": Permission("See one's account", EVERYBODY, enrolling=True),
    "me.logout": Permission("Sign out", EVERYBODY, enrolling=True),
    "me.totp": Permission("Enrol a second factor, or another one", EVERYBODY, enrolling=True),
    "me.sessions": Permission("See and end one's own sessions", EVERYBODY),
    "me.reauth": Permission("Give the password again", EVERYBODY),
    "me.password": Permission("Change one's password", EVERYBODY),
    "me.recovery": Permission("Make fresh recovery codes", EVERYBODY, reauth=True),
    # What is seen
    "overview.read": Permission("The overview", EVERYBODY, READ),
    "events.read": Permission("Security events and alerts", EVERYBODY, READ),
    "audit.read": Permission("The audit trail", OPERATORS, READ),
    # Users and their sessions
    "users.read": Permission("Find users; see them masked, with their logins", EVERYBODY, READ),
    "users.kick": Permission("End all sessions of a user", OPERATORS, OPERATE),
    "users.ban": Permission("Ban and unban a user", OPERATORS, OPERATE),
    "users.reset_key": Permission("Have WeChat reset a user's session_key", OPERATORS, OPERATE),
    "users.reveal": Permission("See openid, unionid and phone number whole", OPERATORS),
    "users.export": Permission("Get all that is held of a user", OWNERS),
    "users.erase": Permission("Erase a user", OWNERS, reauth=True),
    "sessions.read": Permission("See live sessions", EVERYBODY, READ),
    "sessions.end": Permission("End a session", OPERATORS, OPERATE),
    # Mini-programs and keys
    "apps.read": Permission("See mini-programs", EVERYBODY, READ),
    "apps.end_sessions": Permission("End all sessions of a mini-program", OWNERS),
    "apps.switch": Permission("Disable and enable a mini-program", OWNERS),
    "apps.secrets": Permission("Add a mini-program; replace its secrets", OWNERS, reauth=True),
    "keys.read": Permission("See which keys are in use", EVERYBODY, READ),
    "keys.rotate": Permission("Rotate keys", OWNERS, reauth=True),
    # Who may get in
    "admins.read": Permission("See admins", OWNERS),
    "admins.write": Permission("Make and change admins", OWNERS, reauth=True),
    "tokens.read": Permission("See API tokens", OWNERS),
    "tokens.write": Permission("Make and revoke API tokens", OWNERS, reauth=True),
}
"""Every call of the admin names exactly one of these."""

PUBLIC = "public"
"""What a call names that needs no sign-in: the sign-in itself, and files of the pages."""


def permissions_of(role: str) -> list[str]:
    """The names of what a role may do."""
    return [name for name, row in PERMISSIONS.items() if role in row.roles]
