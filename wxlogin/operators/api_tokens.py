"""API tokens: `wxa_`, 43 random characters and a checksum. The database holds a digest of each."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import NamedTuple, cast

from redis import Redis
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import SQLAlchemyError

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import ApiToken
from wxlogin.operators.permissions import SCOPES, Scope
from wxlogin.sessions import keys
from wxlogin.sessions.tokens import random_tag

logger = logging.getLogger(__name__)

PREFIX = "wxa_"
FORM = re.compile(r"wxa_([A-Za-z0-9_-]{43})([0-9a-f]{8})")
MOST_SECONDS = 60
VERSION_MS = 86_400_000
NOTED_EVERY = 60


@dataclass(frozen=True)
class TokenHolder:
    """Whoever sent a live API token."""

    id: str
    name: str
    scopes: frozenset[Scope]


class Snapshot(NamedTuple):
    """All live tokens by digest, as they were read at a time under a version in Redis."""

    holders: Mapping[str, TokenHolder]
    version: str | None
    read_at: float


class ApiTokens:
    """Makes, checks and revokes tokens.

    Checked in the worker's memory; a version in Redis says whether that is still right. So a check
    is one round trip and no SQL, and a token that is revoked ends at once.
    """

    def __init__(self, sql: Engine, redis: Redis, clock: Clock) -> None:
        self._sql = sql
        self._redis = redis
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._noted: dict[str, float] = {}
        self._writers: list[Thread] = []

    def create(self, name: str, scopes: Iterable[Scope], made_by: str) -> tuple[str, ApiToken]:
        """A new token, which is told once, and its row."""
        body = secrets.token_urlsafe(32)
        token = f"{PREFIX}{body}{_checksum(body)}"
        row = ApiToken(
            public_id=random_tag(),
            name=name,
            scopes=" ".join(scope for scope in SCOPES if scope in set(scopes)),
            digest=_digest(token),
            made_by=made_by,
            created_at=self._now(),
        )
        db.session.add(row)
        db.session.commit()
        self._changed()
        return token, row

    def verify(self, token: str) -> TokenHolder:
        """Who holds the token; TOKEN_INVALID for one that is forged or revoked."""
        form = FORM.fullmatch(token)
        if form is None or _checksum(form[1]) != form[2]:
            raise _invalid()
        holder = self._live().get(_digest(token))
        if holder is None:
            raise _invalid()
        self._note_use(holder)
        return holder

    def known(self, public_id: str) -> ApiToken:
        """The row of a token; NOT_FOUND where there is none."""
        row = db.session.scalars(
            select(ApiToken).where(ApiToken.public_id == public_id)
        ).one_or_none()
        if row is None:
            raise ApiError(errors.NOT_FOUND, "There is no API token of this id.")
        return row

    def revoke(self, row: ApiToken) -> None:
        """End a token everywhere, at once. It may be repeated where a store was out."""
        row.revoked_at = row.revoked_at or self._now()
        db.session.commit()
        self._changed()

    def flush(self) -> None:
        """Wait for the uses that are being written down."""
        for writer in list(self._writers):
            writer.join()

    def _live(self) -> Mapping[str, TokenHolder]:
        version = cast("str | None", self._redis.get(keys.api_tokens_version()))
        now, kept = self._clock(), self._snapshot
        if kept and kept.version == version and 0 <= now - kept.read_at < MOST_SECONDS:
            return kept.holders
        rows = db.session.scalars(select(ApiToken).where(ApiToken.revoked_at.is_(None))).all()
        holders = {
            row.digest: TokenHolder(
                row.public_id, row.name, frozenset(cast("list[Scope]", row.scopes.split()))
            )
            for row in rows
        }
        db.session.commit()
        self._snapshot = Snapshot(holders, version, now)
        return holders

    def _note_use(self, holder: TokenHolder) -> None:
        """Write down, beside the request and once a minute, that the token is in use."""
        now = self._clock()
        if now - self._noted.get(holder.id, 0.0) >= NOTED_EVERY:
            self._noted[holder.id] = now
            self._writers = [writer for writer in self._writers if writer.is_alive()]
            self._writers.append(Thread(target=self._write_use, args=(holder,), daemon=True))
            self._writers[-1].start()

    def _write_use(self, holder: TokenHolder) -> None:
        used = (
            update(ApiToken).where(ApiToken.public_id == holder.id).values(last_used_at=self._now())
        )
        try:
            with self._sql.begin() as connection:
                connection.execute(used)
        except SQLAlchemyError as fault:
            logger.warning("the use of an API token is not noted: %s", type(fault).__name__)

    def _changed(self) -> None:
        self._redis.set(keys.api_tokens_version(), secrets.token_urlsafe(12), px=VERSION_MS)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _checksum(body: str) -> str:
    """CRC-32: a scanner for secrets tells a token from chance by it, and nobody is kept out."""
    return f"{zlib.crc32(body.encode()):08x}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _invalid() -> ApiError:
    return ApiError(errors.TOKEN_INVALID, "The API token is wrong or revoked.")
