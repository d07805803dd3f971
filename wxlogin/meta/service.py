"""Whether the parts that wxlogin stands on are there."""

from __future__ import annotations

from functools import cache
from typing import Literal

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from wxlogin import errors
from wxlogin.database import MIGRATIONS
from wxlogin.engines import Engines
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.meta.schemas import Readiness
from wxlogin.watch import metrics


def readiness(engines: Engines) -> Readiness:
    """How each part is; STORE_UNAVAILABLE that names the parts unless all are in order."""
    reached, current = _database()
    found = Readiness(
        redis=_redis(engines),
        database="ok" if reached else "out",
        migrations=current,
    )
    if not found.ready:
        raise ApiError(
            errors.STORE_UNAVAILABLE,
            "Mend the parts in `parts`; `behind` means that `flask --app wsgi db upgrade` is due.",
            members={"parts": found.model_dump()},
        )
    return found


def numbers(engines: Engines) -> bytes:
    """The numbers in Prometheus' text form, without the live sessions where Redis is out."""
    try:
        live = engines.sessions.live.count()
    except RedisError:
        live = None
    return metrics.exposition(live)


def _redis(engines: Engines) -> Literal["ok", "out"]:
    try:
        engines.redis.ping()
    except RedisError:
        return "out"
    return "ok"


def _database() -> tuple[bool, Literal["ok", "out", "behind"]]:
    try:
        with db.engine.connect() as connection:
            heads = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return False, "out"
    return True, "ok" if heads == _wanted_heads() else "behind"


@cache
def _wanted_heads() -> set[str]:
    return set(ScriptDirectory(str(MIGRATIONS)).get_heads())
