"""Operators: accounts of admins, their sessions and permissions, and API tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Settings
from wxlogin.clock import Clock
from wxlogin.models import Admin
from wxlogin.operators.admin_sessions import AdminSessions
from wxlogin.operators.admins import Admins
from wxlogin.operators.api_tokens import ApiTokens
from wxlogin.operators.invitations import Invitations
from wxlogin.operators.new_admins import NewAdmins
from wxlogin.operators.passkey_challenges import PasskeyChallenges
from wxlogin.operators.passkeys import Passkeys
from wxlogin.operators.passwords import Passwords
from wxlogin.operators.search_results import SearchResults
from wxlogin.operators.second_factor import SecondFactor
from wxlogin.redisdb import Scripts
from wxlogin.redisdb.scripts import ScriptFolder
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import ADMIN
from wxlogin.vault import Vault

LUA = ScriptFolder(Path(__file__).parent / "lua")


@dataclass(frozen=True)
class Operators:
    """The services for operators."""

    admins: Admins
    invitations: Invitations
    sessions: AdminSessions
    second_factor: SecondFactor
    passkeys: Passkeys
    challenges: PasskeyChallenges
    tokens: ApiTokens
    found: SearchResults

    def change(self, admin: Admin, change: Callable[[Admin], None]) -> int:
        """Change an account, end its sessions and, if it is disabled, its API tokens.

        Return how many sessions there were.
        """
        change(admin)
        self.tokens.invalidate()
        return self.sessions.end_all(admin.public_id)


def build_operators(
    settings: Settings,
    sql: Engine,
    current_session: Callable[[], Session],
    scripts: Scripts,
    vault: Vault,
    clock: Clock,
    signs_elsewhere: Callable[[str], bool],
) -> Operators:
    """Build the services; nothing connects yet.

    `signs_elsewhere` says whether another running host has the signing key of an id.
    """
    second_factor = SecondFactor(vault, clock)
    passkeys, passwords = Passkeys(current_session, clock), Passwords()
    new_admins = NewAdmins(current_session, passwords, clock)
    lifetimes = settings.admin_idle_ttl, settings.admin_max_age
    return Operators(
        admins=Admins(current_session, passwords, second_factor, passkeys, new_admins, clock),
        invitations=Invitations(current_session, new_admins, clock),
        sessions=AdminSessions(
            scripts, clock, Tokens(settings.secret_keys, ADMIN, signs_elsewhere), *lifetimes
        ),
        second_factor=second_factor,
        passkeys=passkeys,
        challenges=PasskeyChallenges(scripts.redis),
        tokens=ApiTokens(sql, current_session, scripts.redis, clock),
        found=SearchResults(scripts.redis),
    )
