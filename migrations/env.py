"""Alembic's environment: migrations run over the app's own engine."""

from __future__ import annotations

from alembic import context

from wxlogin import models
from wxlogin.extensions import db

assert models  # its tables are what `db.metadata` holds


def _nothing_to_do(_context, _revision, directives) -> None:
    """Write no empty revision where tables and migrations agree."""
    autogenerate = getattr(context.config.cmd_opts, "autogenerate", False)
    if autogenerate and directives[0].upgrade_ops.is_empty():
        directives[:] = []


with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        process_revision_directives=_nothing_to_do,
        # SQLite alters a table by copying it.
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
