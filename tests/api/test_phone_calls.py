"""The phone numbers that WeChat charges for: counted by app and Beijing's day, told once a day."""

from __future__ import annotations

import json

import pytest

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.watched import alerts, events
from wxlogin.redisdb import keys
from wxlogin.sandbox import Fault

PATH = "/v1/decrypt/phone"
NUMBER = "/wxa/business/getuserphonenumber"
DAY = 86_400
BEHIND_BEIJING = 8 * 3_600
OTHER = "wxfedcba9876543210"
OTHER_SECRET = "c4ca4238a0b923820dcc509a6f75849b"


@pytest.fixture(autouse=True)
def noon(site: Site, phone: Phone) -> None:
    """It is noon in Beijing, and Alice is signed in."""
    site.clock.forward(DAY - (site.clock() + BEHIND_BEIJING) % DAY + DAY / 2)
    phone.login()
    site.tokens.add(site.sandbox.world.phone_fields("alice")["purePhoneNumber"])


@pytest.fixture
def owner(site: Site) -> Operator:
    """An owner who is signed in."""
    return Operator(site).sign_in()


def fetch(phone: Phone, times: int = 1, *, appid: str | None = None) -> None:
    """The user presses the phone button so often, and wxlogin gets the number."""
    for _ in range(times):
        code = phone.site.sandbox.world.phone_code(phone.user, appid)
        phone.site.secrets.add(code)
        assert phone.ask("POST", PATH, json={"code": code}).ok


def shown(owner: Operator, appid: str = APPID) -> dict[str, int] | None:
    """The calls that the list of mini-programs shows."""
    items = {item["id"]: item for item in owner.done("GET", "/apps")["items"]}
    found: dict[str, int] | None = items[appid]["phone_calls"]
    return found


def test_numbers_are_counted_by_the_day_of_beijing(
    site: Site, phone: Phone, owner: Operator
) -> None:
    assert shown(owner) == {"today": 0, "yesterday": 0}
    fetch(phone, 2)
    site.clock.forward(DAY / 2 - 1)
    fetch(phone)
    owner.sign_in()
    assert shown(owner) == {"today": 3, "yesterday": 0}
    site.clock.forward(1)
    assert shown(owner) == {"today": 0, "yesterday": 3}
    fetch(phone)
    assert shown(owner) == {"today": 1, "yesterday": 3}
    site.clock.forward(DAY)
    owner.sign_in()
    assert shown(owner) == {"today": 0, "yesterday": 1}


def test_apps_are_counted_apart(site: Site, phone: Phone, owner: Operator) -> None:
    site.secrets.add(OTHER_SECRET)
    site.sandbox.world.add_app(OTHER, OTHER_SECRET)
    body = {"appid": OTHER, "name": "two", "secret": OTHER_SECRET}
    assert owner.done("POST", "/apps", json=body)["phone_calls"] == {"today": 0, "yesterday": 0}
    bob = Phone(site, "bob")
    bob.login(code=site.sandbox.world.login_code("bob", OTHER), appid=OTHER)
    site.tokens.add(site.sandbox.world.phone_fields("bob")["purePhoneNumber"])
    fetch(bob, appid=OTHER)
    assert (shown(owner), shown(owner, OTHER)) == (
        {"today": 0, "yesterday": 0},
        {"today": 1, "yesterday": 0},
    )


def test_what_costs_nothing_is_not_counted(site: Site, phone: Phone, owner: Operator) -> None:
    assert phone.ask("POST", PATH, json=site.sandbox.world.phone("alice")).ok
    assert not phone.ask("POST", PATH, json={"code": "0" * 64}).ok
    site.sandbox.faults.queue(NUMBER, Fault(errcode=-1))
    code = site.sandbox.world.phone_code("alice")
    site.secrets.add(code)
    assert not phone.ask("POST", PATH, json={"code": code}).ok
    assert shown(owner) == {"today": 0, "yesterday": 0}


def test_the_count_is_kept_for_three_days(site: Site, phone: Phone) -> None:
    fetch(phone)
    (key,) = site.redis.keys("wxl:1:phone-calls:*")
    assert key.startswith(keys.phone_calls(APPID, ""))
    assert 2 * DAY < site.redis.ttl(key) <= 3 * DAY


@pytest.mark.settings(WXLOGIN_RULE_PHONE_CALLS="2")
def test_one_more_than_expected_is_one_alert_a_day(site: Site, phone: Phone) -> None:
    fetch(phone, 2)
    assert alerts(site) == []
    fetch(phone)
    (alert,) = alerts(site)
    assert (alert.rule, alert.subject) == ("phone_calls", APPID)
    (event,) = events(site, "wechat.phone_calls")
    told = json.loads(event.detail)
    assert (told["calls"], len(told["day"])) == (3, len("2026-11-29"))
    site.clock.forward(2 * 3_600)
    fetch(phone, 3)
    assert len(alerts(site)) == 1
    site.clock.forward(DAY)
    fetch(phone, 3)
    assert len(alerts(site)) == 2


def test_without_a_setting_there_is_no_alert(site: Site, phone: Phone) -> None:
    fetch(phone, 5)
    assert alerts(site) == []


def test_the_console_shows_the_calls(phone: Phone, owner: Operator) -> None:
    fetch(phone, 2)
    page = phone.site.request(
        "GET",
        "/admin/apps",
        cookies={"wxlogin_admin": owner.cookie},
        headers={"Accept-Language": "en"},
    )
    assert "today 2, yesterday 0" in page.text


def test_a_code_of_the_real_time_component_gives_the_number_and_counts(
    site: Site, phone: Phone, owner: Operator
) -> None:
    code = site.sandbox.world.realtime_phone_code("alice")
    site.secrets.add(code)
    answer = phone.ask("POST", PATH, json={"code": code})
    assert answer.json() == {"phone": site.sandbox.world.phone_fields("alice")}
    again = phone.ask("POST", PATH, json={"code": code})
    assert site.problem(again) == "CODE_USED"
    assert shown(owner) == {"today": 1, "yesterday": 0}
