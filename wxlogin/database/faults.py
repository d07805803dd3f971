"""The meaning of error codes: PostgreSQL's SQLSTATEs, MySQL's numbers."""

from __future__ import annotations

from typing import Any

MOVED: frozenset[str | int] = frozenset(
    {
        "25006",  # read-only transaction
        "57P01",  # ended by an administrator
        "57P02",  # ended by a crash
        "57P03",  # starting up or shutting down
        1047,  # a node of Galera that has left the cluster
        1053,  # shutting down
        1290,  # --read-only, --super-read-only
        1792,  # read-only transaction
        1836,  # read-only mode
        1874,  # InnoDB is read-only
        1927,  # the connection was killed
        3032,  # offline mode
    }
)
"""The server no longer accepts writes; another one may."""

WITHOUT_RIGHT: frozenset[str | int] = frozenset(
    {"42501", 1044, 1142, 1143, 1227}  # of a database, a table, a column; an administrator's
)
DEADLOCK: frozenset[str | int] = frozenset({"40P01", 1213})
"""The server ended this transaction, so that another one could go on."""
LOCKED: frozenset[str | int] = frozenset({"55P03", 1205})


def code(fault: BaseException | None) -> str | int | None:
    """Return the database's error code of a driver's exception, if it has one."""
    args: tuple[Any, ...] = getattr(fault, "args", ())
    if args and isinstance(args[0], int):
        return args[0]
    state: str | None = getattr(fault, "sqlstate", None)
    return state


def is_deadlock(fault: BaseException | None) -> bool:
    """Return whether a transaction was ended for another one."""
    return code(fault) in DEADLOCK


def is_locked(fault: BaseException | None) -> bool:
    """Return whether a statement failed because of a lock that another session holds."""
    return code(fault) in LOCKED or "database is locked" in str(fault)
