"""API tokens: `wxa_`, 43 random characters and a checksum. The database has a digest of each."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from threading import Thread
from typing import NamedTuple, cast

from redis import Redis
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.clock import Clock, utc_now
from wxlogin.models import Admin, ApiToken
from wxlogin.operators.errors import (
    ApiTokenInvalid,
    ApiTokenMalformed,
    ApiTokenNotFound,
    ApiTokenOutOfBounds,
)
from wxlogin.operators.permissions import SCOPES, Scope
from wxlogin.redisdb import keys
from wxlogin.sessions.tokens import new_public_id

logger = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network

PREFIX = "wxa_"
FORM = re.compile(r"wxa_([A-Za-z0-9_-]{43})([0-9a-f]{8})")
MAX_AGE_SECONDS = 60
VERSION_MS = 86_400_000
USE_INTERVAL_SECONDS = 60

DEFAULT_DAYS = 90
"""The lifetime of a token unless its maker says otherwise."""
NOTICE = timedelta(days=14)
"""How long before its end whoever uses a token is told of it."""


@dataclass(frozen=True)
class Bounds:
    """Until when a token is valid, for which mini-programs and from which networks.

    None means for ever, an empty tuple all.
    """

    expires_at: datetime | None
    apps: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True)
class TokenHolder:
    """The service that sent a live API token."""

    id: str
    name: str
    scopes: frozenset[Scope]
    bounds: Bounds

    def may_reach(self, appid: str) -> bool:
        """Return whether the token is valid for a mini-program."""
        return not self.bounds.apps or appid in self.bounds.apps

    def require_app(self, appid: str) -> None:
        """Raise ApiTokenOutOfBounds for a mini-program that the token is not bound to."""
        if not self.may_reach(appid):
            raise ApiTokenOutOfBounds("This token is not for this mini-program.")

    def may_come_from(self, address: str) -> bool:
        """Return whether the token is valid from an address; an unknown one is in no network."""
        networks = self.bounds.networks
        return not networks or (
            bool(address) and any(ip_address(address) in one for one in networks)
        )

    def has_ended(self, now: float) -> bool:
        """Return whether it has expired at a time (Unix seconds)."""
        ends = self.bounds.expires_at
        return ends is not None and ends.timestamp() <= now


class Snapshot(NamedTuple):
    """All live tokens by digest, with the version in Redis and the time of the read."""

    holders: Mapping[str, TokenHolder]
    version: str | None
    read_at: float


class ApiTokens:
    """Creates, verifies and revokes tokens.

    Live tokens are cached in the worker's memory, and a version in Redis invalidates the cache. So
    a verification is one round trip without SQL, and a revoked token ends at once.
    """

    def __init__(
        self, sql: Engine, current_session: Callable[[], Session], redis: Redis, clock: Clock
    ) -> None:
        """Write in the background with `sql`, and in a request with its `current_session`."""
        self._sql = sql
        self._current_session = current_session
        self._redis = redis
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._used_at: dict[str, float] = {}
        self._writers: list[Thread] = []

    def create(
        self, name: str, scopes: Iterable[Scope], made_by: str, bounds: Bounds
    ) -> tuple[str, ApiToken]:
        """Create a token; return it, which is possible only once, and its row."""
        body = secrets.token_urlsafe(32)
        token = f"{PREFIX}{body}{_checksum(body)}"
        row = ApiToken(
            public_id=new_public_id(),
            name=name,
            scopes=" ".join(scope for scope in SCOPES if scope in set(scopes)),
            digest=_digest(token),
            apps=" ".join(bounds.apps),
            networks=" ".join(str(network) for network in bounds.networks),
            made_by=made_by,
            created_at=utc_now(self._clock),
            expires_at=bounds.expires_at,
        )
        session = self._current_session()
        session.add(row)
        session.commit()
        self.invalidate()
        return token, row

    def end_after(self, days: int = DEFAULT_DAYS) -> datetime:
        """Return when a token ends that is created now."""
        return utc_now(self._clock) + timedelta(days=days)

    def ends_soon(self, expires_at: datetime | None) -> bool:
        """Return whether a token of this end has two weeks left at most."""
        return expires_at is not None and expires_at <= utc_now(self._clock) + NOTICE

    def verify(self, token: str, address: str) -> TokenHolder:
        """Return the holder of a token that came from an address.

        Raises ApiTokenInvalid if it is forged, revoked or expired or its keeper is disabled,
        ApiTokenMalformed for a text of another form, and ApiTokenOutOfBounds if it is bound to
        other networks.
        """
        form = FORM.fullmatch(token)
        if form is None:
            raise ApiTokenMalformed
        if _checksum(form[1]) != form[2]:
            raise ApiTokenInvalid
        holder = self._live().get(_digest(token))
        if holder is None or holder.has_ended(self._clock()):
            raise ApiTokenInvalid
        if not holder.may_come_from(address):
            raise ApiTokenOutOfBounds("This token is not for use from this address.")
        self._record_use(holder)
        return holder

    def get(self, public_id: str) -> ApiToken:
        """Return the row of a token; ApiTokenNotFound if there is none."""
        row = (
            self._current_session()
            .scalars(select(ApiToken).where(ApiToken.public_id == public_id))
            .one_or_none()
        )
        if row is None:
            raise ApiTokenNotFound
        return row

    def all(self) -> Sequence[ApiToken]:
        """Return all tokens, newest first, including revoked ones."""
        return self._current_session().scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()

    def revoke(self, row: ApiToken) -> None:
        """End a token everywhere, at once. It may be repeated after a failure of a store."""
        row.revoked_at = row.revoked_at or utc_now(self._clock)
        self._current_session().commit()
        self.invalidate()

    def set_keeper(self, row: ApiToken, keeper: str) -> None:
        """Let a token end with another admin's account, or with none for `cli`."""
        row.keeper = keeper
        self._current_session().commit()
        self.invalidate()

    def invalidate(self) -> None:
        """Make every worker read the tokens, and whether their keepers are disabled, again."""
        self._redis.set(keys.api_tokens_version(), secrets.token_urlsafe(12), px=VERSION_MS)

    def flush(self) -> None:
        """Wait until all recorded uses are written."""
        for writer in list(self._writers):
            writer.join()

    def _live(self) -> Mapping[str, TokenHolder]:
        version = cast("str | None", self._redis.get(keys.api_tokens_version()))
        now, cached = self._clock(), self._snapshot
        if cached and cached.version == version and 0 <= now - cached.read_at < MAX_AGE_SECONDS:
            return cached.holders
        disabled = select(Admin.name).where(Admin.disabled_at.is_not(None))
        live = (
            ApiToken.revoked_at.is_(None),
            func.coalesce(ApiToken.keeper, ApiToken.made_by).not_in(disabled),
        )
        session = self._current_session()
        rows = session.scalars(select(ApiToken).where(*live)).all()
        holders = {row.digest: _holder(row) for row in rows}
        session.commit()
        self._snapshot = Snapshot(holders, version, now)
        return holders

    def _record_use(self, holder: TokenHolder) -> None:
        """Record the use of a token, in the background and at most once a minute."""
        now = self._clock()
        if now - self._used_at.get(holder.id, 0.0) >= USE_INTERVAL_SECONDS:
            self._used_at[holder.id] = now
            self._writers = [writer for writer in self._writers if writer.is_alive()]
            self._writers.append(Thread(target=self._write_use, args=(holder,), daemon=True))
            self._writers[-1].start()

    def _write_use(self, holder: TokenHolder) -> None:
        used = (
            update(ApiToken)
            .where(ApiToken.public_id == holder.id)
            .values(last_used_at=utc_now(self._clock))
        )
        try:
            with self._sql.begin() as connection:
                connection.execute(used)
        except SQLAlchemyError as fault:
            logger.warning("the use of an API token is not noted: %s", type(fault).__name__)


def _holder(row: ApiToken) -> TokenHolder:
    networks = tuple(ip_network(text) for text in (row.networks or "").split())
    bounds = Bounds(row.expires_at, tuple((row.apps or "").split()), networks)
    scopes = frozenset(cast("list[Scope]", row.scopes.split()))
    return TokenHolder(row.public_id, row.name, scopes, bounds)


def _checksum(body: str) -> str:
    """Return the CRC-32, by which scanners for secrets recognise a token. It is no protection."""
    return f"{zlib.crc32(body.encode()):08x}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
