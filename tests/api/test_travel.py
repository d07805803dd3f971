"""Where users log in from, and logins from somewhere odd."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.harness.site import Site
from tests.harness.traveller import (
    AMERICA,
    BEIJING,
    CHINA,
    GUANGZHOU,
    HONG_KONG,
    NOWHERE,
    SHENZHEN,
    TIANJIN,
    TOKYO,
    Traveller,
)
from tests.harness.watched import counted, events
from wxlogin.extensions import db
from wxlogin.models import LoginRecord
from wxlogin.redisdb import keys

pytestmark = pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
UNUSUAL, TOO_FAST = "login.region_unusual", "login.travel_too_fast"
DAY = 86_400


@pytest.fixture
def traveller(site: Site) -> Traveller:
    """Alice on her way."""
    return Traveller(site)


def seen(site: Site) -> set[str]:
    """Which odd logins there were."""
    return {UNUSUAL, TOO_FAST} & set(counted(site))


def test_the_region_stands_with_the_session_and_with_the_login(
    site: Site, traveller: Traveller
) -> None:
    for address in (SHENZHEN, NOWHERE):
        traveller.login_from(address, after=1)
    rows = traveller.ask("GET", "/v1/sessions").json()["sessions"]
    assert [row["region"] for row in rows] == [None, "中国 广东省 深圳市"]
    with site.app.app_context():
        written = db.session.scalars(select(LoginRecord.region).order_by(LoginRecord.id))
        assert list(written) == ["中国 广东省 深圳市", None]


def test_a_session_from_before_there_were_regions_is_listed_without(
    site: Site, traveller: Traveller
) -> None:
    traveller.login_from(SHENZHEN)
    site.redis.hdel(keys.session(traveller.user_id, traveller.session_id), "region")
    (row,) = traveller.ask("GET", "/v1/sessions").json()["sessions"]
    assert row["region"] is None


def test_a_new_province_is_unusual_once_there_is_a_history_of_three_logins(
    site: Site, traveller: Traveller
) -> None:
    for address in (SHENZHEN, BEIJING, GUANGZHOU):
        traveller.login_from(address, after=DAY)
    assert seen(site) == set()
    traveller.login_from(TIANJIN, after=DAY)
    (event,) = events(site, UNUSUAL)
    assert (event.user, event.address) == (traveller.user_id, TIANJIN)
    detail = json.loads(event.detail)
    assert detail["region"] == "中国 天津"
    assert detail["before"] == "中国 广东省 广州市"
    traveller.login_from(TIANJIN, after=DAY)
    traveller.login_from(SHENZHEN, after=DAY)
    assert counted(site)[UNUSUAL] == 1


def test_abroad_the_country_counts(site: Site, traveller: Traveller) -> None:
    for address in (AMERICA, AMERICA, "17.1.1.1", AMERICA):
        traveller.login_from(address, after=DAY)
    assert seen(site) == set()
    traveller.login_from(TOKYO, after=DAY)
    assert seen(site) == {UNUSUAL}


def test_unknown_places_are_no_history_and_are_not_judged(site: Site, traveller: Traveller) -> None:
    for address in (NOWHERE, NOWHERE, NOWHERE, SHENZHEN, NOWHERE, BEIJING):
        traveller.login_from(address, after=DAY)
    assert seen(site) == set()


def test_another_user_s_places_do_not_count(site: Site, traveller: Traveller) -> None:
    for user in ("bob", "carol"):
        Traveller(site, user).login_from(BEIJING)
    for address in (SHENZHEN, SHENZHEN, SHENZHEN, BEIJING):
        traveller.login_from(address, after=DAY)
    assert seen(site) == {UNUSUAL}


@pytest.mark.parametrize(
    ("start", "end", "hours", "odd"),
    [
        (SHENZHEN, BEIJING, 1, True),  # 1890 km
        (SHENZHEN, BEIJING, 2, False),
        (SHENZHEN, AMERICA, 12, True),  # 13,000 km
        (SHENZHEN, AMERICA, 14, False),
        (BEIJING, TIANJIN, 0, False),  # 110 km
        (GUANGZHOU, HONG_KONG, 0, False),
        (SHENZHEN, GUANGZHOU, 0, False),
    ],
)
def test_travel_faster_than_a_plane_is_an_event(
    site: Site, traveller: Traveller, start: str, end: str, hours: float, *, odd: bool
) -> None:
    traveller.login_from(start)
    traveller.login_from(end, after=hours * 3600)
    assert seen(site) == ({TOO_FAST} if odd else set())


def test_the_event_tells_the_way_and_the_time_that_it_took(
    site: Site, traveller: Traveller
) -> None:
    traveller.login_from(SHENZHEN)
    traveller.login_from(NOWHERE, after=600)
    traveller.login_from(BEIJING, after=600)
    (event,) = events(site, TOO_FAST)
    detail = json.loads(event.detail)
    assert detail["kilometres"] == pytest.approx(1890, rel=0.02)
    assert detail["minutes"] == 20


def test_a_login_from_somewhere_in_a_country_hides_no_journey(
    site: Site, traveller: Traveller
) -> None:
    traveller.login_from(SHENZHEN)
    traveller.login_from(CHINA, after=600)
    traveller.login_from(TOKYO, after=600)
    (event,) = events(site, TOO_FAST)
    assert json.loads(event.detail)["before"] == "中国 广东省 深圳市"
