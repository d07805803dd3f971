"""API tokens: `wxa_`, 43 random characters and a checksum. The database holds a digest of each."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

from redis import Redis
from sqlalchemy import or_, select, update

from wxlogin import errors
from wxlogin.clock import Clock
from wxlogin.errors import ApiError
from wxlogin.extensions import db
from wxlogin.models import ApiToken
from wxlogin.operators.permissions import SCOPES, Scope
from wxlogin.sessions import keys
from wxlogin.sessions.tokens import random_tag

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

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._noted: dict[str, float] = {}

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
        return holder

    def revoke(self, public_id: str) -> None:
        """End a token everywhere, at once; NOT_FOUND where there is none. May be repeated."""
        mine = ApiToken.public_id == public_id
        if db.session.scalar(select(ApiToken.id).where(mine)) is None:
            raise ApiError(errors.NOT_FOUND, "There is no API token of this id.")
        db.session.execute(
            update(ApiToken)
            .where(mine, ApiToken.revoked_at.is_(None))
            .values(revoked_at=self._now())
        )
        db.session.commit()
        self._changed()

    def is_due(self, holder: TokenHolder) -> bool:
        """Whether this worker should note the use of a token: once a minute each."""
        now = self._clock()
        due = now - self._noted.get(holder.id, 0.0) >= NOTED_EVERY
        if due:
            self._noted[holder.id] = now
        return due

    def note_use(self, holder: TokenHolder) -> None:
        """Note that a token is in use, once a minute whatever the number of workers."""
        now = self._now()
        before = now - timedelta(seconds=NOTED_EVERY)
        db.session.execute(
            update(ApiToken)
            .where(
                ApiToken.public_id == holder.id,
                or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= before),
            )
            .values(last_used_at=now)
        )
        db.session.commit()

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
