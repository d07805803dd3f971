"""Rate limits: by address before authentication, by user after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site


def forged(site: Site) -> str:
    """What a token that nobody minted is answered."""
    headers = {"Authorization": "Bearer wxs_" + "A" * 108}
    return site.problem(site.request("GET", "/v1/session", headers=headers))


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="2/minute")
def test_an_address_over_its_limit_never_reaches_wechat(site: Site, phone: Phone) -> None:
    for _ in range(2):
        phone.login()
    answer = phone.try_login()
    assert site.problem(answer) == "RATE_LIMITED"
    assert answer.json()["action"] == "retry"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 2


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="1/minute")
def test_retry_after_is_exact(site: Site, phone: Phone) -> None:
    site.clock.forward(60 - site.clock() % 60 + 20.5)
    phone.login()
    answer = phone.try_login()
    assert answer.headers["Retry-After"] == "40"
    site.clock.forward(39)
    assert phone.try_login().status_code == 429
    site.clock.forward(1)
    phone.login()


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="5/minute;2/hour")
def test_the_narrowest_of_several_windows_counts(site: Site, phone: Phone) -> None:
    for _ in range(2):
        phone.login()
    site.clock.forward(61)
    assert phone.try_login().status_code == 429


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="2/minute")
def test_the_openid_limit_is_charged_once_wechat_has_answered(site: Site, phone: Phone) -> None:
    for _ in range(2):
        phone.login()
    assert site.problem(phone.try_login()) == "RATE_LIMITED"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 3
    Phone(site, "bob").login()


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="2/minute")
def test_a_refused_login_ends_nothing(site: Site, phone: Phone) -> None:
    other = Phone(site)
    for one in (phone, other):
        one.login()
    assert Phone(site).try_login().status_code == 429
    assert [phone.refusal(), other.refusal()] == ["", ""]


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="3/minute")
def test_a_user_over_the_limit_hinders_nobody_else(site: Site, phone: Phone) -> None:
    bob = Phone(site, "bob")
    phone.login()
    bob.login()
    assert [phone.refusal() for _ in range(4)] == ["", "", "", "RATE_LIMITED"]
    assert bob.refusal() == ""


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="3/minute")
def test_a_revoked_token_cannot_spend_its_owners_limit(site: Site, phone: Phone) -> None:
    stolen = Phone(site)
    phone.login()
    stolen.login()
    phone.logout("others")
    assert {stolen.refusal() for _ in range(9)} == {"SESSION_REVOKED"}
    assert phone.refusal() == ""


@pytest.mark.settings(WXLOGIN_LIMIT_API_IP="2/minute")
def test_an_address_known_to_be_over_is_told_so_before_its_token_is_looked_at(
    site: Site, phone: Phone
) -> None:
    phone.login()
    assert [phone.refusal() for _ in range(3)] == ["", "", "RATE_LIMITED"]
    assert site.problem(site.request("GET", "/v1/session")) == "RATE_LIMITED"


@pytest.mark.settings(WXLOGIN_LIMIT_API_IP="1/hour", WXLOGIN_LIMIT_API_TOKEN="1/second")
def test_an_admin_call_counts_its_address_before_it_asks_who_calls(site: Site) -> None:
    forged = {"Authorization": "Bearer wxa_" + "A" * 43}
    calls = [{}, forged, forged]
    answers = [site.request("GET", "/admin/api/users", headers=headers) for headers in calls]
    assert [site.problem(answer) for answer in answers] == [
        "TOKEN_MISSING",
        "RATE_LIMITED",
        "RATE_LIMITED",
    ]


@pytest.mark.settings(WXLOGIN_LIMIT_DECRYPT_OPENID="1/minute")
def test_open_data_has_a_limit_of_its_own(site: Site, phone: Phone) -> None:
    phone.login()
    data = site.sandbox.world.profile("alice")
    body = {name: data[name] for name in ("rawData", "signature")}
    assert phone.ask("POST", "/v1/decrypt/verify", json=body).ok
    assert site.problem(phone.ask("POST", "/v1/decrypt/verify", json=body)) == "RATE_LIMITED"
    assert phone.refusal() == ""


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_a_session_that_is_not_there_is_no_failure(site: Site, phone: Phone) -> None:
    phone.login()
    for _ in range(6):
        assert site.problem(phone.ask("DELETE", "/v1/sessions/none")) == "NOT_FOUND"
    phone.logout()
    assert {phone.refusal() for _ in range(6)} == {"SESSION_REVOKED"}


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_failures_are_shared_by_all_workers(make_site: Callable[..., Site]) -> None:
    first, second = make_site(), make_site()
    for _ in range(3):
        forged(first)
    first.app.extensions["wxlogin"].limits.failures.flush()
    assert forged(second) == "TOKEN_INVALID"
    second.app.extensions["wxlogin"].limits.failures.flush()
    assert forged(second) == "RATE_LIMITED"


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute", WXLOGIN_REDIS_URL="redis://127.0.0.1:1/0")
def test_forged_tokens_are_told_so_while_redis_is_out(site: Site) -> None:
    assert {forged(site) for _ in range(9)} == {"TOKEN_INVALID"}


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute")
def test_a_limited_login_still_brings_the_newest_session_key(site: Site, phone: Phone) -> None:
    phone.login()
    site.sandbox.world.rotate_session_key(phone.user)
    assert Phone(site).try_login().status_code == 429
    assert phone.ask("POST", "/v1/session/check").json() == {"valid": True}
