"""Seeing and ending sessions."""

from __future__ import annotations

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site


@pytest.fixture
def phones(site: Site) -> list[Phone]:
    """Three devices of one user, a second apart."""
    found = [Phone(site, platform=name) for name in ("ios", "mac", "windows")]
    for phone in found:
        phone.login()
        site.clock.forward(1)
    return found


def test_the_list_has_the_newest_first_and_marks_the_current_one(phones: list[Phone]) -> None:
    rows = phones[1].ask("GET", "/v1/sessions").json()["sessions"]
    assert [row["platform"] for row in rows] == ["windows", "mac", "ios"]
    assert [row["current"] for row in rows] == [False, True, False]
    assert {row["ip"] for row in rows} == {"127.0.0.1"}
    assert {row["region"] for row in rows} == {None}
    assert set(rows[0]) == {
        "id", "platform", "device_name", "created_at", "last_seen_at",
        "expires_at", "max_expires_at", "current", "ip", "region",
    }  # fmt: skip


def test_signing_out_ends_the_current_session_alone(phones: list[Phone]) -> None:
    assert phones[0].logout() == 1
    assert [phone.refusal() for phone in phones] == ["SESSION_REVOKED", "", ""]


def test_signing_out_the_others_keeps_the_current_one(phones: list[Phone]) -> None:
    assert phones[1].logout("others") == 2
    assert [p.refusal() for p in phones] == ["SESSION_REVOKED", "", "SESSION_REVOKED"]


def test_signing_out_everywhere_ends_all(phones: list[Phone]) -> None:
    assert phones[1].logout("all") == 3
    assert {phone.refusal() for phone in phones} == {"SESSION_REVOKED"}


def test_signing_out_twice_is_refused(phones: list[Phone]) -> None:
    phones[0].logout()
    assert phones[0].refusal("/v1/auth") == "SESSION_REVOKED"


def test_one_session_can_be_ended_from_another_device(phones: list[Phone]) -> None:
    answer = phones[0].ask("DELETE", f"/v1/sessions/{phones[2].session_id}")
    assert answer.json() == {"ended": 1}
    assert [phone.refusal() for phone in phones] == ["", "", "SESSION_REVOKED"]


def test_a_session_of_somebody_else_is_not_found(site: Site, phones: list[Phone]) -> None:
    bob = Phone(site, "bob")
    bob.login()
    answer = bob.ask("DELETE", f"/v1/sessions/{phones[0].session_id}")
    assert site.problem(answer) == "NOT_FOUND"
    assert phones[0].refusal() == ""


def test_a_session_that_ended_is_not_found(site: Site, phones: list[Phone]) -> None:
    phones[2].logout()
    answer = phones[0].ask("DELETE", f"/v1/sessions/{phones[2].session_id}")
    assert site.problem(answer) == "NOT_FOUND"


@pytest.mark.parametrize("scope", ["everything", 1, None, ["all"]])
def test_an_unknown_scope_is_named(site: Site, phone: Phone, scope: object) -> None:
    phone.login()
    answer = phone.ask("POST", "/v1/logout", json={"scope": scope})
    assert site.problem(answer) == "INVALID_REQUEST"
    assert answer.json()["errors"][0]["field"] == "scope"
    assert phone.refusal() == ""


def test_nginx_is_told_who_asks(phone: Phone) -> None:
    phone.login()
    answer = phone.ask("GET", "/v1/auth")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Wxlogin-User"] == phone.user_id
    assert answer.headers["X-Wxlogin-App"] == "wx0123456789abcdef"
    assert answer.headers["X-Wxlogin-Session"] == phone.session_id


@pytest.mark.settings(WXLOGIN_AUTH_STATUS="200")
def test_envoy_is_told_by_the_one_status_that_it_takes_for_a_yes(site: Site, phone: Phone) -> None:
    phone.login()
    for method in ("GET", "POST", "HEAD"):
        answer = phone.ask(method, "/v1/auth/orders")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Length"] == "0"
        assert answer.headers["X-Wxlogin-User"] == phone.user_id
    phone.logout()
    assert site.problem(phone.ask("GET", "/v1/auth")) == "SESSION_REVOKED"


def test_nginx_is_told_why_not(site: Site, phone: Phone) -> None:
    phone.login()
    phone.logout()
    answer = phone.ask("GET", "/v1/auth")
    assert answer.headers["X-Wxlogin-Error"] == site.problem(answer) == "SESSION_REVOKED"
