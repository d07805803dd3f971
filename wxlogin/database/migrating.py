"""Runs migrations: one program at a time, without a statement timeout, with a report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from alembic import context
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, MetaData, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from wxlogin.database import connecting, faults, revisions
from wxlogin.database.migration_lock import acquire_migration_lock
from wxlogin.plural import plural

LOCK_SECONDS = 5
"""How long a change waits for a table in use. Later statements queue behind a waiting change."""
CHANGING = ("upgrade", "downgrade", "do_stamp")


RenderItem = Callable[[str, Any, Any], Any]


def run(url: URL, metadata: MetaData, render_item: RenderItem, *, pgbouncer: bool) -> None:
    """Run a command of Flask-Migrate; raise ClickException with one sentence if it fails.

    `render_item` writes the types of the models into generated migrations.
    """
    engine = engine_for(url, pgbouncer=pgbouncer)
    if context.is_offline_mode():
        context.configure(
            dialect_name=engine.dialect.name, target_metadata=metadata, literal_binds=True
        )
        with context.begin_transaction():
            context.run_migrations()
        return
    # Elsewhere the connection holds the lock, with one transaction for each migration. PgBouncer
    # assigns connections to transactions, and SQLite's lock is a transaction.
    single = engine.dialect.name == "sqlite" or pgbouncer
    progress = _Progress(single_transaction=single)
    with _report_errors(progress), engine.connect() as connection:
        command = _alembic_command(engine)
        changing = command.__name__ in CHANGING
        if changing:
            acquire_migration_lock(connection, click.echo, in_transaction=single)
        context.configure(
            connection=connection,
            target_metadata=metadata,
            process_revision_directives=_drop_empty_revision,
            # Generated migrations consist of our steps.
            alembic_module_prefix="steps.",
            render_item=render_item,
            transaction_per_migration=True,
            fn=progress.reporting(command),
        )
        with context.begin_transaction():
            context.run_migrations()
        if changing:
            _close(connection)
            progress.close(revisions.found(connection))


class _Progress:
    """The migrations that ran so far; prints each one before it runs."""

    def __init__(self, *, single_transaction: bool) -> None:
        self.current = ""
        self._done = 0
        self._single_transaction = single_transaction
        self._started_at = time.monotonic()

    @property
    def left(self) -> str:
        """What a failure leaves of the work: nothing if all of it is one transaction."""
        if self._single_transaction or not self.current:
            return "nothing was changed"
        return "the migrations before it are kept"

    @property
    def seconds(self) -> int:
        """Seconds since the start."""
        return round(time.monotonic() - self._started_at)

    def reporting(self, command: Callable[..., Any]) -> Callable[..., Iterator[Any]]:
        """Return a command with the same steps that prints each one before it runs."""

        def steps(heads: tuple[str, ...], migration: Any) -> Iterator[Any]:
            newer = revisions.unknown(heads)
            if newer and command.__name__ in CHANGING:
                raise click.ClickException(
                    f"The database is at {newer[0]}, which this program does not know: a newer "
                    "one migrated it."
                )
            for step in command(heads, migration):
                self._print(step.info)
                yield step

        return steps

    def close(self, at: tuple[str, ...]) -> None:
        """Print the revision that the database has now."""
        where = ", ".join(at) or "its beginning, without tables"
        already = "" if self._done else "already "
        click.echo(f"The database is {already}at {where}.")

    def _print(self, info: Any) -> None:
        if info.is_stamp or info.up_revision is None:
            return
        script = info.up_revision
        self.current, self._done = script.revision, self._done + 1
        undone = "" if info.is_upgrade else " (taken back)"
        click.echo(f"{script.revision}  {script.doc}{undone}")


def _alembic_command(engine: Engine) -> Callable[..., Any]:
    """Return the function that the current Alembic command runs."""
    context.configure(dialect_name=engine.dialect.name)
    command: Callable[..., Any] = context.get_context().opts["fn"]
    return command


def engine_for(url: URL, *, pgbouncer: bool) -> Engine:
    """Return an engine for migrations: no pool, no statement timeout, a short lock timeout."""
    kind = url.get_backend_name()
    engine = create_engine(
        url, poolclass=NullPool, **connecting.options(kind, None, pgbouncer=pgbouncer)
    )
    if kind == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda one: one.exec_driver_sql("BEGIN IMMEDIATE"))
    elif kind == "postgresql":
        event.listen(engine, "begin", _limit_locks)
    else:
        event.listen(engine, "connect", _limit_mysql_locks)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Change tables in a transaction; copying a table must not delete rows that refer to it."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=1000")
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _limit_locks(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_SECONDS * 1000}")
    connection.exec_driver_sql(connecting.SET_TIMEOUT.format(0))


def _limit_mysql_locks(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}, "
            f"innodb_lock_wait_timeout = {LOCK_SECONDS}, wait_timeout = 86400"
        )


def _close(connection: Connection) -> None:
    """Commit, after checking on SQLite that no row refers to a missing one."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise click.ClickException(
                f"{plural(len(broken), 'row refers', 'rows refer')} to a row that is gone, the "
                f"first in table {broken[0][0]}."
            )
    connection.commit()


def _drop_empty_revision(context: Any, _revision: Any, directives: Any) -> None:
    """Write no revision if tables and migrations agree."""
    autogenerate = getattr(context.config.cmd_opts, "autogenerate", False)
    if autogenerate and directives[0].upgrade_ops.is_empty():
        directives[:] = []


@contextmanager
def _report_errors(progress: _Progress) -> Iterator[None]:
    """Raise ClickException: what went wrong and where in one sentence, and what state is left."""
    try:
        yield
    except DBAPIError as fault:
        raise click.ClickException(_sentence(fault, progress)) from None
    except CommandError as fault:
        raise click.ClickException(str(fault)) from None
    except click.ClickException as fault:
        left = progress.left.capitalize()
        raise click.ClickException(f"{fault.message} {left}.") from None


def _sentence(fault: DBAPIError, progress: _Progress) -> str:
    message = " ".join(str(fault.orig).split("\n", 1)[0].split())
    where = f"Migration {progress.current}" if progress.current else "The migrations"
    if faults.code(fault.orig) in faults.WITHOUT_RIGHT:
        return (
            f"{where} may not change the tables: {message}. Run this with the account that owns "
            f"them; {progress.left}."
        )
    if faults.is_locked(fault.orig):
        return (
            f"{where} waited {_waited(fault, progress)}, and gave up: {message}. Run this again; "
            f"{progress.left}."
        )
    if isinstance(fault, OperationalError) and not progress.current:
        return f"The database cannot be reached: {message}."
    return f"{where} failed: {message}. Mend that and run this again; {progress.left}."


def _waited(fault: DBAPIError, progress: _Progress) -> str:
    # SQLite has no code of an error here. It has one lock, which is waited for before all else.
    if faults.code(fault.orig) in faults.LOCKED:
        return f"{LOCK_SECONDS} s for a table that another program uses"
    return f"{progress.seconds} s for another program that writes to the database"
