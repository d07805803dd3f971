"""The database: it answers, takes writes, is migrated, gives few rights and enough connections."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.database import revisions
from wxlogin.database.failover import takes_writes
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import database as kinds
from wxlogin.doctor.ring_check import fleet

TRAIL = "audit_entry"
BESIDE = 10
"""Connections for commands and people: the ten of docs/sizing.md."""

POSTGRESQL_CREATES = (
    "SELECT has_schema_privilege(current_user, current_schema(), 'CREATE') "
    "OR has_database_privilege(current_user, current_database(), 'CREATE')"
)
POSTGRESQL_RIGHT = "SELECT has_table_privilege(current_user, '{}', '{}')"
POSTGRESQL_MOST = (
    "SELECT current_setting('max_connections')::int "
    "- current_setting('superuser_reserved_connections')::int"
)
CREATING = re.compile(r"ALL PRIVILEGES|(?<!\w)(?:CREATE|ALTER|DROP)(?:,| ON)", re.IGNORECASE)
CHANGING = ("UPDATE", "DELETE")


def check_database(installation: Installation) -> list[Finding]:
    """Connect once and look at everything."""
    try:
        with installation.sql.connect() as connection:
            return _examine(installation, connection)
    except SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        return [kinds.OUT.found(reason=f"{type(error).__name__}: {reason}")]


def _examine(installation: Installation, connection: Connection) -> list[Finding]:
    found = [] if takes_writes(connection) else [kinds.READ_ONLY.found()]
    migrations = _migrations(connection)
    found += migrations
    if connection.dialect.name == "sqlite":
        return found
    if not any(finding.kind is kinds.PENDING for finding in migrations):
        found += _rights(connection)
    if not installation.settings.database_pgbouncer:  # it shares its own connections out
        found += _connections(installation, connection)
    return found


def _migrations(connection: Connection) -> list[Finding]:
    have, need = revisions.found(connection), revisions.scripts().get_heads()
    if set(have) == set(need):
        return []
    at = ", ".join(have) or "none"
    if have and revisions.unknown(have):
        return [kinds.AHEAD.found(found=at)]
    return [kinds.PENDING.found(found=at, needed=", ".join(need))]


def _rights(connection: Connection) -> list[Finding]:
    """Return the rights of the account that it does not need."""
    of_system = _postgresql if connection.dialect.name == "postgresql" else _mysql
    try:
        creates, changes = of_system(connection)
    except SQLAlchemyError as error:
        connection.rollback()
        return [kinds.RIGHTS_UNKNOWN.found(reason=type(error).__name__)]
    found = [kinds.CHANGES_TABLES.found()] if creates else []
    if changes:
        found.append(kinds.CHANGES_AUDIT.found(rights=", ".join(changes)))
    return found


Rights = tuple[bool, list[str]]
"""Whether the account may create tables, and how it may change the audit trail."""


def _postgresql(connection: Connection) -> Rights:
    def may(query: str) -> bool:
        return bool(connection.execute(text(query)).scalar())

    changes = [r for r in (*CHANGING, "TRUNCATE") if may(POSTGRESQL_RIGHT.format(TRAIL, r))]
    return may(POSTGRESQL_CREATES), changes


def _mysql(connection: Connection) -> Rights:
    grants = [str(row[0]) for row in connection.execute(text("SHOW GRANTS"))]
    own = re.escape(connection.engine.url.database or "")
    database = re.compile(rf" ON (?:\*\.\*|`{own}`\.(?:\*|`{TRAIL}`)) TO ", re.IGNORECASE)
    here = [grant for grant in (one.replace("\\", "") for one in grants) if database.search(grant)]
    changes = [r for r in CHANGING if any(_gives(r, grant) for grant in here)]
    return any(CREATING.search(grant) for grant in here), changes


def _gives(right: str, grant: str) -> bool:
    rights = grant.partition(" ON ")[0].upper()
    return "ALL PRIVILEGES" in rights or bool(re.search(rf"(?<!\w){right}(?!\w)", rights))


def _connections(installation: Installation, connection: Connection) -> list[Finding]:
    most = _MOST[connection.dialect.name](connection)
    hosts, workers = fleet(installation)
    pool = installation.settings.database_pool
    wanted = hosts * workers * pool
    if wanted > most:
        return [
            kinds.TOO_FEW_CONNECTIONS.found(
                wanted=wanted, hosts=hosts, workers=workers, pool=pool, most=most
            )
        ]
    rolling = wanted + workers * pool + BESIDE
    if rolling > most:
        return [kinds.TIGHT_CONNECTIONS.found(wanted=rolling, most=most)]
    return []


def _mysql_most(connection: Connection) -> int:
    row = connection.execute(text("SELECT @@max_connections, @@max_user_connections")).one()
    server, account = map(int, row)
    return min(server, account) if account else server


def _postgresql_most(connection: Connection) -> int:
    return int(connection.execute(text(POSTGRESQL_MOST)).scalar_one())


_MOST: dict[str, Callable[[Connection], int]] = {
    "postgresql": _postgresql_most,
    "mysql": _mysql_most,
    "mariadb": _mysql_most,
}
