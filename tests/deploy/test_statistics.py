"""The overview's numbers and the history of regions on the databases of production."""

from __future__ import annotations

import pytest

from tests.harness.console import Operator
from tests.harness.site import Site
from tests.harness.traveller import BEIJING, SHENZHEN, Traveller
from tests.harness.watched import counted, events

pytestmark = pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
DAY = 86_400


def test_logins_count_by_hour_and_by_day(migrated_site: Site) -> None:
    site = migrated_site
    traveller = Traveller(site)
    for address in (SHENZHEN, SHENZHEN, SHENZHEN, BEIJING):
        traveller.login_from(address, after=DAY)
    site.request("GET", "/v1/session", headers={"Authorization": "Bearer wxs_" + "A" * 108})
    assert counted(site)["login.region_unusual"] == 1
    assert [event.subject for event in events(site, "token.forged")] == ["127.0.0.1"]
    found = Operator(site, "viewer").sign_in().done("GET", "/overview")
    last = found["day"]["points"][-1]
    assert (last["logins"], last["active_users"], last["failures"]) == (1, 1, 1)
    logins = [point["logins"] for point in found["month"]["points"]]
    assert logins == [0] * 26 + [1] * 4
    assert found["month"]["total"]["active_users"] == 1


def test_refused_calls_count_by_mini_program(migrated_site: Site) -> None:
    site = migrated_site
    for _ in range(2):
        site.request("POST", "/v1/login", json={"code": "c" * 32})
    assert counted(site)["code.invalid"] == 1
    (app,) = Operator(site, "viewer").sign_in().done("GET", "/status")["wechat"]
    assert app["refused_last_hour"] == 2
