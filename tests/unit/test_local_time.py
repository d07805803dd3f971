"""Hours and days as people of a zone count them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from wxlogin.local_time import last_days, last_hours, offset_name

NOON = datetime(2026, 11, 28, 12, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("Asia/Shanghai", "UTC+08:00"),
        ("Asia/Kolkata", "UTC+05:30"),
        ("America/St_Johns", "UTC-03:30"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_named_by_its_offset(zone: str, name: str) -> None:
    assert offset_name(NOON.astimezone(ZoneInfo(zone))) == name


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Asia/Kolkata", "America/New_York"])
def test_hours_and_days_begin_where_the_zone_s_own_do(zone: str) -> None:
    local = ZoneInfo(zone)
    hours = last_hours(24, local, NOON)
    days = last_days(30, local, NOON)
    assert {at.astimezone(local).minute for at in hours} == {0}
    assert {at.astimezone(local).hour for at in days} == {0}
    assert NOON - timedelta(hours=1) < hours[-1] <= NOON
    assert NOON - timedelta(days=1) < days[-1] <= NOON
    assert (len(set(hours)), len(set(days))) == (24, 30)


def test_a_day_on_which_the_clocks_change_is_one_day() -> None:
    days = last_days(3, ZoneInfo("America/New_York"), datetime(2026, 11, 3, tzinfo=UTC))
    begun = [at.astimezone(UTC) for at in days]
    assert [later - earlier for earlier, later in pairwise(begun)] == [
        timedelta(hours=24),
        timedelta(hours=25),
    ]
