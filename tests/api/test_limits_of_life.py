"""How long sessions live."""

from __future__ import annotations

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site

DAY = 86400


def test_an_idle_session_expires(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7 * DAY - 1)
    assert phone.ask("GET", "/v1/sessions").ok
    site.clock.forward(7 * DAY)
    assert phone.refusal() == "SESSION_EXPIRED"


def test_use_pushes_the_idle_limit_out_but_not_the_absolute_one(site: Site, phone: Phone) -> None:
    phone.login()
    for _ in range(5):
        site.clock.forward(6 * DAY - 1)
        assert phone.refusal() == ("")
    site.clock.forward(6)
    assert phone.refusal() == "SESSION_EXPIRED"


def test_renewal_is_written_once_a_minute(site: Site, phone: Phone) -> None:
    phone.login()
    first = phone.ask("GET", "/v1/session").json()["session"]
    site.clock.forward(59)
    assert phone.ask("GET", "/v1/session").json()["session"] == first
    site.clock.forward(1)
    renewed = phone.ask("GET", "/v1/session").json()["session"]
    assert renewed["last_seen_at"] > first["last_seen_at"]
    assert renewed["expires_at"] > first["expires_at"]
    assert renewed["max_expires_at"] == first["max_expires_at"]


@pytest.mark.settings(WXLOGIN_SESSION_IDLE_TTL="600", WXLOGIN_SESSION_MAX_AGE="900")
def test_the_limits_are_settings(site: Site, phone: Phone) -> None:
    answer = phone.login()
    assert (answer["expires_in"], answer["max_expires_in"]) == (600, 900)
    site.clock.forward(601)
    assert phone.refusal() == "SESSION_EXPIRED"


def test_a_tombstone_is_remembered_for_a_day(site: Site, phone: Phone) -> None:
    phone.login()
    phone.logout()
    site.clock.forward(DAY - 1)
    assert phone.refusal() == "SESSION_REVOKED"
    site.clock.forward(1)
    assert phone.refusal() == "SESSION_EXPIRED"


def test_a_session_key_is_fresh_for_two_hours(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7199)
    assert phone.ask("GET", "/v1/session").json()["session_key"]["fresh"] is True
    site.clock.forward(1)
    key = phone.ask("GET", "/v1/session").json()["session_key"]
    assert key == {"fresh": False, "expires_in": 0}


def test_a_fresh_code_renews_the_session_key_alone(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7200)
    answer = phone.ask("POST", "/v1/session/key", json={"code": phone.code()})
    assert answer.json() == {"fresh": True, "expires_in": 7200}
    assert phone.ask("GET", "/v1/session").json()["session_key"]["fresh"] is True
    assert len(phone.ask("GET", "/v1/sessions").json()["sessions"]) == 1


def test_a_code_of_somebody_else_renews_nothing(site: Site, phone: Phone) -> None:
    phone.login()
    site.clock.forward(7200)
    code = Phone(site, "mallory").code()
    answer = phone.ask("POST", "/v1/session/key", json={"code": code})
    assert site.problem(answer) == "CODE_INVALID"
    assert phone.ask("GET", "/v1/session").json()["session_key"]["fresh"] is False
