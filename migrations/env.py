"""Alembic's environment: the migrations of the app's own database."""

from __future__ import annotations

from typing import Any, Literal

from wxlogin import models
from wxlogin.database import migrating
from wxlogin.extensions import db
from wxlogin.models.types import Exact, UtcDateTime
from wxlogin.services import services

assert models  # its tables are what `db.metadata` holds


def rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our own types by what they are in a database: a migration outlives the models."""
    if kind == "type" and isinstance(item, Exact):
        return f"steps.exact({item.length})"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    return False


migrating.run(db.engine.url, db.metadata, rendered, pgbouncer=services.settings.database_pgbouncer)
