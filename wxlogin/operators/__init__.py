"""Those who operate: their accounts, their sessions, their tokens, what each may do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from config import Settings
from wxlogin.clock import Clock
from wxlogin.operators.admin_sessions import AdminSessions
from wxlogin.operators.admins import Admins
from wxlogin.operators.api_tokens import ApiTokens
from wxlogin.operators.passwords import Passwords
from wxlogin.operators.second_factor import SecondFactor
from wxlogin.sessions import Scripts
from wxlogin.vault import Vault


@dataclass(frozen=True)
class Operators:
    """The engines of those who operate."""

    admins: Admins
    sessions: AdminSessions
    second_factor: SecondFactor
    tokens: ApiTokens


def operators(
    settings: Settings, sql: Engine, scripts: Scripts, vault: Vault, clock: Clock
) -> Operators:
    """Put them together; nothing is connected yet."""
    second_factor = SecondFactor(vault, clock)
    lifetimes = settings.admin_idle_ttl, settings.admin_max_age
    return Operators(
        admins=Admins(Passwords(), second_factor, clock),
        sessions=AdminSessions(scripts, clock, settings.secret_keys, *lifetimes),
        second_factor=second_factor,
        tokens=ApiTokens(sql, scripts.redis, clock),
    )
