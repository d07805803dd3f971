"""Logins from somewhere odd: a province or country that is new, a way that nobody flies so fast.

Nothing here refuses a login. What is known of a place is its capital, so short ways are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, func, select

from wxlogin.extensions import db
from wxlogin.models import LoginRecord
from wxlogin.watch.events import Kind, Moved
from wxlogin.watch.places import POINTS, distance
from wxlogin.watch.regions import Region, parse

Odd = Literal[Kind.LOGIN_REGION_UNUSUAL, Kind.LOGIN_TRAVEL_TOO_FAST]

LOOKED_AT = 100
"""A user's latest logins; what lies further back is not known any more."""
SETTLED = 3
"""Logins from known places that make a history."""
PLANE_KMH = 1000
SHORT_KM = 300


# Put together once: that costs more than the query itself.
_LATEST = (
    select(LoginRecord.region, LoginRecord.at)
    .where(LoginRecord.user_id == bindparam("user"))
    .order_by(LoginRecord.at.desc(), LoginRecord.id.desc())
    .limit(LOOKED_AT)
    .subquery()
)
_STAYS = select(
    _LATEST.c.region, func.count(), func.max(_LATEST.c.at, type_=LoginRecord.at.type)
).group_by(_LATEST.c.region)


class Stay(NamedTuple):
    """How often a user logged in from a place that is known, and when last."""

    region: Region
    logins: int
    last: datetime


def history(user_id: int) -> list[Stay]:
    """Where the user's latest logins came from, the last place first; one query by index."""
    stays = [
        Stay(parse(region), logins, at)
        for region, logins, at in db.session.execute(_STAYS, {"user": user_id})
        if region
    ]
    return sorted(stays, key=lambda stay: stay.last, reverse=True)


def moves(earlier: list[Stay], region: Region | None, now: float) -> Iterator[Moved]:
    """What is odd about a login from this region at this time (Unix seconds)."""
    known = [stay for stay in earlier if stay.region.area]
    if not region or not region.area or not known:
        return
    before, _, left = known[0]
    settled = sum(stay.logins for stay in known) >= SETTLED
    minutes = max(0, int(now - left.timestamp()) // 60)
    kilometres = _between(before, region)
    odd: list[Odd] = []
    if settled and region.area not in {stay.region.area for stay in known}:
        odd.append(Kind.LOGIN_REGION_UNUSUAL)
    if kilometres >= SHORT_KM and kilometres > PLANE_KMH * minutes / 60:
        odd.append(Kind.LOGIN_TRAVEL_TOO_FAST)
    for kind in odd:
        yield Moved(
            kind=kind,
            region=region.text,
            before=before.text,
            kilometres=kilometres,
            minutes=minutes,
        )


def _between(one: Region, other: Region) -> int:
    """Kilometres between the capitals; 0 where one is not known."""
    here, there = POINTS.get(one.area), POINTS.get(other.area)
    return round(distance(here, there)) if here and there else 0
