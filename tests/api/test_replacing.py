"""The same device's login takes its session's place; the limit of devices ends the oldest."""

from __future__ import annotations

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site

DEVICE = "device-0001"


def ids(phone: Phone) -> list[str]:
    """The user's sessions, newest first."""
    return [row["id"] for row in phone.ask("GET", "/v1/sessions").json()["sessions"]]


def test_the_same_device_keeps_one_session(site: Site) -> None:
    phone = Phone(site, device_id=DEVICE)
    phone.login()
    assert phone.login()["ended"] == 1
    assert ids(phone) == [phone.session_id]


def test_the_replaced_token_works_for_30_seconds(site: Site) -> None:
    before, after = Phone(site, device_id=DEVICE), Phone(site, device_id=DEVICE)
    before.login()
    after.login()
    site.clock.forward(29.9)
    assert before.refusal() == ""
    site.clock.forward(0.2)
    assert before.refusal() == "SESSION_REPLACED"
    assert after.refusal() == ""


def test_only_the_immediate_predecessor_has_the_grace(site: Site) -> None:
    phones = [Phone(site, device_id=DEVICE) for _ in range(3)]
    for phone in phones:
        phone.login()
    assert [phone.refusal() for phone in phones] == ["SESSION_REPLACED", "", ""]


def test_a_login_that_carries_the_token_takes_its_place(site: Site, phone: Phone) -> None:
    phone.login()
    assert phone.login(carry=True)["ended"] == 1
    assert ids(phone) == [phone.session_id]


def test_a_token_of_somebody_else_gives_no_place(site: Site, phone: Phone) -> None:
    phone.login()
    bob = Phone(site, "bob")
    bob.token = phone.token
    assert bob.login(carry=True)["ended"] == 0
    assert phone.refusal() == ""


@pytest.mark.parametrize("token", ["rubbish", "wxs_" + "A" * 108, ""])
def test_a_token_that_is_wrong_does_not_hinder_a_login(phone: Phone, token: str) -> None:
    phone.token = token
    assert phone.login(carry=True)["ended"] == 0


def test_parallel_logins_of_one_device_leave_one_session(site: Site) -> None:
    old = Phone(site)
    old.login()
    first, second = Phone(site), Phone(site)
    first.token = second.token = old.token
    first.login(carry=True)
    second.login(carry=True)
    assert ids(second) == [second.session_id]
    assert [p.refusal() for p in (old, first, second)] == ["SESSION_REPLACED", "", ""]


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_over_the_limit_the_oldest_is_ended_at_once(site: Site) -> None:
    phones = [Phone(site) for _ in range(3)]
    for phone in phones:
        answer = phone.login()
        site.clock.forward(1)
    assert answer["ended"] == 1
    assert [phone.refusal() for phone in phones] == ["SESSION_REPLACED", "", ""]


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_the_same_device_costs_no_other_device_its_session(site: Site) -> None:
    other, phone = Phone(site), Phone(site, device_id=DEVICE)
    other.login()
    phone.login()
    phone.login()
    assert other.refusal() == ""


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="2")
def test_sessions_that_expired_do_not_count(site: Site) -> None:
    for _ in range(2):
        Phone(site).login()
    site.clock.forward(604801)
    assert Phone(site).login()["ended"] == 0


def test_signing_out_with_a_replaced_token_signs_the_device_out(site: Site) -> None:
    before, after = Phone(site, device_id=DEVICE), Phone(site, device_id=DEVICE)
    before.login()
    after.login()
    assert before.logout() == 1
    assert after.refusal() == "SESSION_REVOKED"
    assert before.refusal() == "SESSION_REPLACED"
