"""Login anomalies: a province or country that is new for a user, and impossible travel.

Nothing here refuses a login. A region is known by its capital alone, so short distances are not
judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import Engine, bindparam, func, select

from wxlogin.models import LoginRecord
from wxlogin.watch.events import Kind, LoginAnomaly
from wxlogin.watch.geo import CAPITALS, distance
from wxlogin.watch.regions import Region, parse

LATEST_LOGINS = 100
"""How many of a user's logins are considered; older ones do not make a region known."""
MIN_HISTORY = 3
"""Logins from known regions before a new region is an anomaly."""
PLANE_KMH = 1000
MIN_KM = 300


# Built once: building it costs more than the query itself.
_LATEST = (
    select(LoginRecord.region, LoginRecord.at)
    .where(LoginRecord.user_id == bindparam("user"))
    .order_by(LoginRecord.at.desc(), LoginRecord.id.desc())
    .limit(LATEST_LOGINS)
    .subquery()
)
_REGIONS = select(
    _LATEST.c.region, func.count(), func.max(_LATEST.c.at, type_=LoginRecord.at.type)
).group_by(_LATEST.c.region)


class KnownRegion(NamedTuple):
    """How often a user logged in from a region, and when last."""

    region: Region
    logins: int
    last: datetime


class LoginHistory:
    """The regions that users logged in from."""

    def __init__(self, single: Engine) -> None:
        self._single = single

    def regions(self, user_id: int) -> list[KnownRegion]:
        """Return the regions of a user's latest logins, the latest first; one indexed query."""
        with self._single.connect() as connection:
            rows = connection.execute(_REGIONS, {"user": user_id}).all()
        known = [KnownRegion(parse(region), logins, at) for region, logins, at in rows if region]
        return sorted(known, key=lambda one: one.last, reverse=True)


def find_anomalies(
    history: list[KnownRegion], region: Region | None, now: float
) -> Iterator[LoginAnomaly]:
    """Yield what is unusual about a login from this region at this time (Unix seconds)."""
    known = [one for one in history if one.region.area]
    if not region or not region.area or not known:
        return
    previous, _, at = known[0]
    has_history = sum(one.logins for one in known) >= MIN_HISTORY
    minutes = max(0, int(now - at.timestamp()) // 60)
    kilometres = _distance(previous, region)
    kinds: list[Literal[Kind.LOGIN_REGION_UNUSUAL, Kind.LOGIN_TRAVEL_TOO_FAST]] = []
    if has_history and region.area not in {one.region.area for one in known}:
        kinds.append(Kind.LOGIN_REGION_UNUSUAL)
    if kilometres >= MIN_KM and kilometres > PLANE_KMH * minutes / 60:
        kinds.append(Kind.LOGIN_TRAVEL_TOO_FAST)
    for kind in kinds:
        yield LoginAnomaly(
            kind=kind,
            region=region.text,
            before=previous.text,
            kilometres=kilometres,
            minutes=minutes,
        )


def _distance(one: Region, other: Region) -> int:
    """Return the kilometres between the capitals, 0 if one of them is not known."""
    first, second = CAPITALS.get(one.area), CAPITALS.get(other.area)
    return round(distance(first, second)) if first and second else 0
