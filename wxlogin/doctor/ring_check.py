"""The keys of several hosts, and users whom a wrong index key made double."""

from __future__ import annotations

from collections import Counter

from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wxlogin.accounts.duplicates import find_duplicates
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import settings as kinds
from wxlogin.keyring import Hosts, KnownKeys, rings_of
from wxlogin.keyring.hosts import Lag
from wxlogin.keyring.rings import SETTINGS
from wxlogin.models import User
from wxlogin.vault import BlindIndex, Vault

USERS = 20_000
"""About a second: every openid is opened."""
MOST_PAIRS = 20


def check_hosts(installation: Installation) -> list[Finding]:
    """Compare the rings here with those that running workers noted."""
    try:
        lagging = _hosts(installation).lagging()
    except RedisError as error:
        return [kinds.HOSTS_UNREAD.found(error=type(error).__name__)]
    return [_verdict(lag) for lag in lagging]


def check_duplicates(installation: Installation) -> list[Finding]:
    """Look for pairs of users of one openid among the newest users."""
    settings, sql = installation.settings, installation.sql
    vault, index = Vault(settings.data_keys), BlindIndex(settings.index_keys)
    try:
        looks = list(find_duplicates(sql, vault, index, after=_before_newest(installation)))
    except SQLAlchemyError as error:
        return [kinds.USERS_UNREAD.found(error=type(error).__name__)]
    pairs = dict.fromkeys(pair for look in looks for pair in look.pairs)
    if pairs:
        found = list(pairs)[:MOST_PAIRS]
        return [kinds.DOUBLES.found(keep=pair.keep, drop=pair.drop) for pair in found]
    return [kinds.NO_DOUBLES.found(users=looks[-1].seen if looks else 0)]


def fleet(installation: Installation) -> tuple[int, int]:
    """Return how many hosts serve the installation, and the most workers that one of them has.

    They are at least what the installation says; those that run have noted themselves.
    """
    try:
        notes = _hosts(installation).all()
    except RedisError:
        notes = []
    workers = Counter(note.host for note in notes)
    return max(installation.hosts, len(workers)), max(installation.workers, *workers.values(), 0)


def known_keys(installation: Installation) -> KnownKeys:
    """Return what the database knows of every key that was ever used."""
    settings = installation.settings
    vault = Vault(settings.data_keys)
    return KnownKeys(installation.sql, rings_of(settings), vault, installation.clock)


def _hosts(installation: Installation) -> Hosts:
    rings = rings_of(installation.settings).ids()
    return Hosts(installation.scripts, rings, "", installation.clock)  # it notes nothing


def _verdict(lag: Lag) -> Finding:
    """Each has to have the other's newest key, under which it signs, seals and indexes."""
    readable = lag.there[0] in lag.here and lag.here[0] in lag.there
    kind = kinds.HOST_LAGS if readable else kinds.HOST_LACKS
    there, here = ",".join(lag.there), ",".join(lag.here)
    return kind.found(host=lag.host, setting=SETTINGS[lag.kind], there=there, here=here)


def _before_newest(installation: Installation) -> int:
    """Return the id of the row before the newest users."""
    with Session(installation.sql) as session:
        newest = session.scalar(select(func.max(User.id))) or 0
    return max(0, newest - USERS)
