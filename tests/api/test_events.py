"""Security events: what is seen is written down, folded, and names nobody but by public id."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.harness.console import Operator
from tests.harness.phone import Page, Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.watched import counted, events
from wxlogin.sandbox import Fault

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def test_a_login_is_an_event_of_its_user(site: Site) -> None:
    phone = Phone(site, platform="ios")
    phone.login()
    (event,) = events(site)
    assert (event.kind, event.subject, event.user) == (
        "login.succeeded",
        phone.user_id,
        phone.user_id,
    )
    assert (event.address, event.count) == ("127.0.0.1", 1)
    assert json.loads(event.detail) == {"app": site.settings.wx_appid, "platform": "ios"}


def test_an_event_names_its_request(site: Site, phone: Phone) -> None:
    answer = phone.try_login()
    site.tokens.add(answer.json()["token"])
    (event,) = events(site)
    assert event.request_id == answer.headers["X-Request-Id"]


def test_authenticated_calls_are_no_events(site: Site, phone: Phone) -> None:
    phone.login()
    for path in ("/v1/session", "/v1/sessions", "/v1/auth"):
        assert phone.ask("GET", path).ok
    assert counted(site) == {"login.succeeded": 1}


def test_forged_tokens_fold_by_address_and_minute(site: Site) -> None:
    for _ in range(400):
        site.request("GET", "/v1/session", headers=FORGED)
    (event,) = events(site)
    assert (event.kind, event.subject, event.count) == ("token.forged", "127.0.0.1", 400)


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="30/minute")
def test_four_hundred_forged_tokens_over_a_minutes_end_are_four_rows(site: Site) -> None:
    site.clock.forward(59 - site.clock() % 60)
    for n in range(400):
        site.request("GET", "/v1/session", headers=FORGED)
        site.clock.forward(1 if n == 200 else 0)
    assert len(events(site)) == 4
    assert sum(counted(site).values()) == 400


def test_workers_fold_into_one_row(make_site: Callable[..., Site]) -> None:
    sites = [make_site(), make_site()]
    for n in range(60):
        sites[n % 2].request("GET", "/v1/session", headers=FORGED)
        if n == 30:
            events(sites[0])
    events(sites[1])
    (event,) = events(sites[0])
    assert event.count == 60


def test_what_a_bad_code_and_a_used_code_are(site: Site, phone: Phone) -> None:
    code = phone.code()
    phone.login(code=code)
    phone.try_login(code=code)
    phone.try_login(code="0" * 32)
    assert counted(site) == {"login.succeeded": 1, "code.reused": 1, "code.invalid": 1}


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute", WXLOGIN_LIMIT_API_OPENID="1/minute")
def test_limits_of_a_user_are_events_of_that_user(site: Site, phone: Phone) -> None:
    phone.login()
    phone.try_login()
    for _ in range(3):
        phone.ask("GET", "/v1/session")
    assert counted(site) == {
        "login.succeeded": 1,
        "login.rate_limited": 1,
        "request.rate_limited": 2,
    }
    assert {event.subject for event in events(site)} == {phone.user_id}


def test_a_request_sent_again_and_one_that_was_changed(site: Site, phone: Phone) -> None:
    phone.login()
    signer = Signer(phone)
    headers = signer.sign("POST", "/v1/logout?a=1", b"")
    signer.send("POST", "/v1/logout?a=2", b"", headers)
    headers = signer.sign("POST", "/v1/session/check", b"")
    for _ in range(2):
        signer.send("POST", "/v1/session/check", b"", headers)
    found = {event.kind: event.subject for event in events(site)}
    assert found == dict.fromkeys(
        ("login.succeeded", "request.signature_invalid", "request.replayed"), phone.user_id
    )


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (-1, "wechat.unavailable"),
        (45011, "wechat.rate_limited"),
        (40226, "wechat.user_blocked"),
        (40164, "wechat.misconfigured"),
    ],
)
def test_what_wechat_refuses_a_login_with(site: Site, errcode: int, kind: str) -> None:
    site.sandbox.faults.queue("/sns/jscode2session", Fault(errcode=errcode))
    Phone(site).try_login()
    (event,) = events(site)
    subject = "127.0.0.1" if errcode == 40226 else site.settings.wx_appid
    assert (event.kind, event.subject) == (kind, subject)


def test_data_that_no_key_opens_and_data_of_an_old_key(site: Site) -> None:
    page = Page(site)
    page.login()
    bad = {"rawData": "{}", "signature": "0" * 40}
    assert site.problem(page.ask("POST", "/v1/decrypt/verify", json=bad)) == "SIGNATURE_MISMATCH"
    page.rotate()
    assert page.outcome(page.data()) == "SESSION_KEY_EXPIRED"
    found = {event.kind: event.subject for event in events(site)}
    assert found == dict.fromkeys(
        ("login.succeeded", "decrypt.failed", "session_key.stale"), page.user_id
    )


def test_a_call_of_another_site_s_page_to_the_admin(site: Site) -> None:
    headers = {"Origin": "https://evil.example"}
    body = {"username": "eve", "password": "whatever it is"}
    answer = site.request("POST", "/admin/api/login", json=body, headers=headers)
    assert site.problem(answer) == "CSRF_FAILED"
    (event,) = events(site)
    assert (event.kind, event.subject) == ("admin.csrf_failed", "127.0.0.1")


def test_what_wechat_refuses_an_operator_names_the_mini_program(site: Site, phone: Phone) -> None:
    phone.login()
    owner = Operator(site).sign_in()
    site.sandbox.faults.queue("/cgi-bin/stable_token", Fault(errcode=40164))
    owner.ask("POST", f"/users/{phone.user_id}/reset-session-key")
    (event,) = events(site, "wechat.misconfigured")
    assert event.subject == site.settings.wx_appid


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="1", WXLOGIN_DEVICE_OVERFLOW="refuse")
def test_logins_that_are_refused_to_a_user(site: Site, phone: Phone) -> None:
    phone.login()
    assert site.problem(phone.try_login()) == "DEVICE_LIMIT"
    Operator(site).sign_in().done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    assert site.problem(phone.try_login()) == "USER_BANNED"
    refused = [row.subject for row in events(site) if row.kind != "login.succeeded"]
    assert counted(site) == {
        "login.succeeded": 1,
        "login.device_refused": 1,
        "login.banned": 1,
    }
    assert refused == [phone.user_id] * 2


def test_a_record_of_a_version_that_is_not_known(site: Site, phone: Phone) -> None:
    phone.login()
    (key,) = site.redis.keys("*:s:*")
    site.redis.hset(key, "v", "2")
    assert phone.refusal() == "SESSION_EXPIRED"
    (event,) = events(site, "session.record_unknown")
    assert event.subject == phone.user_id


@pytest.mark.parametrize(
    ("form", "shown"), [("full", "203.0.113.77"), ("prefix", "203.0.113.0/24"), ("hash", "")]
)
def test_addresses_stand_as_the_settings_say(
    make_site: Callable[..., Site], form: str, shown: str
) -> None:
    site = make_site(WXLOGIN_EVENT_IP=form, WXLOGIN_TRUSTED_HOPS="1")
    site.request("GET", "/v1/session", headers={**FORGED, "X-Forwarded-For": "203.0.113.77"})
    (event,) = events(site)
    assert event.subject == event.address
    if shown:
        assert event.address == shown
    else:
        assert "203" not in event.address or len(event.address) == 32


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_a_flood_from_an_ipv6_network_is_one_row(site: Site) -> None:
    for n in range(9):
        header = {"X-Forwarded-For": f"2001:db8:1:2::{n}"}
        site.request("GET", "/v1/session", headers={**FORGED, **header})
    (event,) = events(site)
    assert (event.subject, event.count) == ("2001:db8:1:2::/64", 9)
