"""The rules: what makes each of them fire, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import alerts
from wxlogin.sandbox import Fault
from wxlogin.sandbox.opendata import encrypted

pytestmark = pytest.mark.settings(
    WXLOGIN_RULE_LOGINS_OPENID="3/hour",
    WXLOGIN_RULE_DECRYPT_OPENID="3/hour",
    WXLOGIN_RULE_FAIL_IP="3/10minutes",
    WXLOGIN_RULE_OPENIDS_IP="3/10minutes",
    WXLOGIN_RULE_WX_ERRORS="3/minute",
)
LOGIN = "/sns/jscode2session"
FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}
USERS = ["alice", "bob", "carol", "dave"]


def fired(site: Site) -> dict[str, str]:
    """The rules that fired, and for whom."""
    return {alert.rule: alert.subject for alert in alerts(site)}


def logins(site: Site, users: list[str]) -> list[Phone]:
    """These users log in."""
    phones = [Phone(site, user) for user in users]
    for phone in phones:
        phone.login()
    return phones


def failed_logins(site: Site, fault: Fault, count: int) -> None:
    """Logins for which WeChat has this to say."""
    for _ in range(count):
        site.sandbox.faults.queue(LOGIN, fault)
        assert not Phone(site).try_login().ok


def test_four_logins_of_one_user(site: Site) -> None:
    logins(site, ["alice"] * 3)
    assert fired(site) == {}
    phone = logins(site, ["alice"])[0]
    assert fired(site) == {"logins_openid": phone.user_id}


def test_four_logins_in_two_hours_are_no_alert(site: Site) -> None:
    for _ in range(2):
        logins(site, ["alice"] * 2)
        assert fired(site) == {}
        site.clock.forward(3600)


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="2/hour", WXLOGIN_RULE_LOGINS_OPENID="3/hour")
def test_logins_that_a_limit_refused_count_as_well(site: Site, phone: Phone) -> None:
    logins(site, ["alice"] * 2)
    for _ in range(2):
        assert site.problem(phone.try_login()) == "RATE_LIMITED"
    assert list(fired(site)) == ["logins_openid"]


@pytest.mark.parametrize("kind", ["data", "a signature"])
def test_four_failed_decryptions_of_one_user(site: Site, phone: Phone, kind: str) -> None:
    phone.login()
    bad: dict[str, tuple[str, dict[str, Any]]] = {
        "data": ("/v1/decrypt", encrypted(site.sandbox.world.session_key("alice"), "{}")),
        "a signature": ("/v1/decrypt/verify", {"rawData": "{}", "signature": "0" * 40}),
    }
    path, body = bad[kind]
    for count in range(4):
        assert ("decrypt_openid" in fired(site)) is False, count
        assert phone.ask("POST", path, json=body).status_code == 422
    assert fired(site) == {"decrypt_openid": phone.user_id}


def test_failed_decryptions_of_several_users_are_no_alert(site: Site) -> None:
    body = {"rawData": "{}", "signature": "0" * 40}
    for phone in logins(site, USERS[:3]):
        for _ in range(2):
            assert phone.ask("POST", "/v1/decrypt/verify", json=body).status_code == 422
    assert fired(site) == {}


def test_decryptions_that_succeed_are_no_alert(site: Site, phone: Phone) -> None:
    phone.login()
    for _ in range(6):
        body = site.sandbox.world.encrypt("alice", {"openGId": "tG"})
        assert phone.ask("POST", "/v1/decrypt", json=body).ok
    assert fired(site) == {}


def test_forged_tokens_and_bad_codes_of_one_address(site: Site, phone: Phone) -> None:
    for n in range(2):
        site.request("GET", "/v1/session", headers=FORGED)
        if n:
            assert fired(site) == {}
        phone.try_login(code=f"{n:032}")
    assert fired(site) == {"fail_ip": "127.0.0.1"}


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_RULE_FAIL_IP="3/10minutes")
def test_forged_tokens_of_several_addresses_are_no_alert(site: Site) -> None:
    for n in range(9):
        header = {"X-Forwarded-For": f"192.0.2.{n % 3}"}
        site.request("GET", "/v1/session", headers={**FORGED, **header})
    assert fired(site) == {}


def test_what_is_nobodys_attack_is_no_alert(site: Site, phone: Phone) -> None:
    """Sessions that ended, unknown paths and missing tokens."""
    phone.login()
    phone.logout()
    for n in range(6):
        assert phone.refusal() == "SESSION_REVOKED"
        site.request("GET", f"/{n}")
        site.request("GET", "/v1/session")
    assert fired(site) == {}


def test_different_users_from_one_address(site: Site) -> None:
    logins(site, USERS[:3])
    assert fired(site) == {}
    site.request("GET", "/v1/session", headers=FORGED)
    logins(site, USERS[3:])
    (alert,) = alerts(site)
    assert (alert.rule, alert.subject) == ("openids_ip", "127.0.0.1")
    assert '"count": 4, "window": 600, "most": 3, "logins": 4, "failures": 1' in alert.detail


@pytest.mark.settings(WXLOGIN_RULE_LOGINS_OPENID="100/hour", WXLOGIN_RULE_OPENIDS_IP="3/10minutes")
def test_many_logins_of_few_users_from_one_address_are_no_alert(site: Site) -> None:
    logins(site, USERS[:3] * 4)
    assert fired(site) == {}


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_RULE_OPENIDS_IP="3/10minutes")
def test_users_are_counted_for_the_address_they_come_from(site: Site) -> None:
    for n, user in enumerate(USERS * 2):
        phone = Phone(site, user)
        header = {"X-Forwarded-For": f"192.0.2.{n // 4}"}
        answer = site.request("POST", "/v1/login", json={"code": phone.code()}, headers=header)
        site.tokens.add(answer.json()["token"])
    assert {alert.subject for alert in alerts(site)} == {"192.0.2.0", "192.0.2.1"}


def test_a_jump_of_wechat_errors(site: Site) -> None:
    failed_logins(site, Fault(errcode=-1), 3)
    assert fired(site) == {}
    failed_logins(site, Fault(errcode=-1), 1)
    assert fired(site) == {"wx_errors": site.settings.wx_appid}


def test_wechat_errors_a_minute_apart_are_no_jump(site: Site) -> None:
    for _ in range(3):
        failed_logins(site, Fault(errcode=-1), 2)
        assert fired(site) == {}
        site.clock.forward(60)


def test_wechat_that_refuses_this_server_is_an_alert_at_once(site: Site) -> None:
    failed_logins(site, Fault(errcode=40226), 1)
    assert fired(site) == {}
    failed_logins(site, Fault(errcode=40164), 1)
    assert fired(site) == {"wx_misconfigured": site.settings.wx_appid}


def test_a_misconfiguration_that_no_caller_is_told_of_is_an_alert(site: Site, phone: Phone) -> None:
    phone.login()
    site.sandbox.faults.queue("/cgi-bin/stable_token", Fault(errcode=40164))
    answer = phone.ask("POST", "/v1/decrypt/verify", json={"rawData": "{}", "signature": "0" * 40})
    assert site.problem(answer) == "SESSION_KEY_EXPIRED"
    assert fired(site) == {"wx_misconfigured": site.settings.wx_appid}


def test_a_leak_that_was_stopped_is_an_alert_at_once(site: Site) -> None:
    site.app.add_url_rule("/leak", "careless.leak", lambda: site.settings.wx_secret)
    assert site.problem(site.request("GET", "/leak")) == "INTERNAL"
    assert fired(site) == {"leak_blocked": "all"}


@pytest.mark.settings(WXLOGIN_RULE_FAIL_IP="3/10minutes;5/hour")
def test_each_window_of_a_rule_counts(site: Site) -> None:
    site.clock.forward(3600 - site.clock() % 3600)
    for _ in range(3):
        for _ in range(2):
            assert fired(site) == {}
            site.request("GET", "/v1/session", headers=FORGED)
        site.clock.forward(600)
    assert list(fired(site)) == ["fail_ip"]


def test_workers_count_together(make_site: Callable[..., Site]) -> None:
    sites = [make_site(), make_site()]
    for n in range(4):
        assert fired(sites[0]) == {}
        sites[n % 2].request("GET", "/v1/session", headers=FORGED)
    fired(sites[1])
    assert list(fired(sites[0])) == ["fail_ip"]
