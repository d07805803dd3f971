"""The table of permissions: who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["owner", "operator", "viewer", "auditor"]
Scope = Literal["introspect", "identity", "link", "wechat", "read", "operate"]

ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)

EVERYBODY = frozenset(ROLES)
OPERATORS = frozenset[Role]({"owner", "operator"})
OWNERS = frozenset[Role]({"owner"})
READERS_OF_ACTS = frozenset[Role]({"owner", "operator", "auditor"})
"""Who sees what operators do, and to whom wxlogin tells what."""
READERS_OF_ACCESS = frozenset[Role]({"owner", "auditor"})
"""Who sees how others may sign in."""

READ = frozenset[Scope]({"read", "operate"})
"""The scopes that see the admin's lists, and so every mini-program."""
OPERATE = frozenset[Scope]({"operate"})
NONE = frozenset[Scope]()


@dataclass(frozen=True)
class Permission:
    """What a permission covers, which roles have it, and which API token scopes include it.

    `reauth`: the admin must have entered the password within the last minutes. `enrolling`: also
    for an admin who must have a second factor and has none yet. `renewing`: also for one who must
    change their password first.
    """

    covers: str
    roles: frozenset[Role]
    scopes: frozenset[Scope] = NONE
    reauth: bool = False
    enrolling: bool = False
    renewing: bool = False


PERMISSIONS: dict[str, Permission] = {
    # One's own account
    "me.read": Permission("See one's account", EVERYBODY, enrolling=True, renewing=True),
    "me.logout": Permission("Sign out", EVERYBODY, enrolling=True, renewing=True),
    "me.totp": Permission("Enrol a second factor, or another one", EVERYBODY, enrolling=True),
    "me.passkeys": Permission("See one's own passkeys", EVERYBODY),
    "me.passkey_change": Permission("Add and remove one's own passkeys", EVERYBODY, reauth=True),
    "me.sessions": Permission("See and end one's own sessions", EVERYBODY),
    "me.reauth": Permission("Give the password again", EVERYBODY),
    "me.password": Permission("Change one's password", EVERYBODY, renewing=True),
    "me.recovery": Permission("Make fresh recovery codes", EVERYBODY, reauth=True),
    # Overview, events, audit
    "overview.read": Permission("The overview", EVERYBODY, READ),
    "events.read": Permission("Security events and alerts", EVERYBODY, READ),
    "alerts.acknowledge": Permission("Acknowledge alerts", OPERATORS, OPERATE),
    "alerts.test": Permission("Send a test alert", OPERATORS, OPERATE),
    "audit.read": Permission("The audit trail", READERS_OF_ACTS, READ),
    # Users and their sessions
    "users.read": Permission("Find users; see them masked, with their logins", EVERYBODY, READ),
    "users.kick": Permission("End all sessions of a user", OPERATORS, OPERATE),
    "users.ban": Permission("Ban and unban a user", OPERATORS, OPERATE),
    "users.unlink": Permission("Unlink a user from their person", OPERATORS, OPERATE),
    "users.reset_key": Permission("Have WeChat reset a user's session_key", OPERATORS, OPERATE),
    "users.reveal": Permission(
        "See openid, unionid and phone number whole", OPERATORS, reauth=True
    ),
    "users.avatar": Permission("See the picture of a user", OPERATORS),
    "users.search_phone": Permission("Find users by a phone number", OPERATORS, OPERATE),
    "users.export": Permission("Export all stored data of a user", OWNERS, reauth=True),
    "users.erase": Permission("Erase a user", OWNERS, reauth=True),
    "sessions.read": Permission("See live sessions", EVERYBODY, READ),
    "sessions.end": Permission("End a session", OPERATORS, OPERATE),
    # Mini-programs and keys
    "apps.read": Permission("See mini-programs", EVERYBODY, READ),
    "apps.end_sessions": Permission("End all sessions of a mini-program", OWNERS, reauth=True),
    "apps.switch": Permission("Disable and enable a mini-program", OWNERS, reauth=True),
    "apps.rename": Permission("Rename a mini-program", OWNERS),
    "apps.scan_page": Permission("Set the page that a scan opens", OWNERS),
    "apps.secrets": Permission("Add a mini-program; replace its secrets", OWNERS, reauth=True),
    "keys.read": Permission("See which keys are in use", EVERYBODY, READ),
    "doctor.run": Permission("Examine the installation", OPERATORS),
    "keys.rotate": Permission("Rotate keys", OWNERS, reauth=True),
    # Admins and API tokens
    "admins.read": Permission("See admins", READERS_OF_ACCESS),
    "admins.write": Permission("Make and change admins", OWNERS, reauth=True),
    "tokens.read": Permission("See API tokens", READERS_OF_ACCESS),
    "tokens.write": Permission("Make and revoke API tokens", OWNERS, reauth=True),
    # Webhooks
    "webhooks.read": Permission("See webhooks and what they got", READERS_OF_ACTS, READ),
    "webhooks.write": Permission("Make, change and test webhooks; send again", OWNERS, reauth=True),
}
"""Every call of the admin requires exactly one of these."""

PUBLIC = "public"
"""For calls that need no sign-in: the sign-in itself, and static files."""


def permissions_of(role: str) -> list[str]:
    """Return the names of a role's permissions."""
    return [name for name, row in PERMISSIONS.items() if role in row.roles]
