"""Nobody outside keeps an admin out, and a guessed second factor costs ever more time."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from tests.harness.clock import SettableClock
from tests.harness.console import PASSWORD, Operator
from tests.harness.crowd import together
from tests.harness.site import Site
from tests.harness.watched import alerts, events
from wxlogin.clock import utc_now

WRONG = "000000"
BEHIND_A_PROXY = {"WXLOGIN_TRUSTED_HOPS": "1"}


def sign_in(site: Site, name: str, address: str, password: str = PASSWORD, otp: str = "") -> str:
    """A sign-in from an address; the refusal's code, or nothing."""
    body = {"username": name, "password": password, **({"otp": otp} if otp else {})}
    answer = site.request(
        "POST", "/admin/api/login", json=body, headers={"X-Forwarded-For": address}
    )
    if answer.ok:
        site.tokens |= {answer.cookies["wxlogin_admin"], answer.json()["csrf_token"]}
    return "" if answer.ok else site.problem(answer)


@pytest.mark.settings(**BEHIND_A_PROXY)
def test_an_outsider_with_one_address_does_not_keep_an_owner_out(
    site: Site, owner: Operator
) -> None:
    for _ in range(25):  # more than the address and the name are allowed a minute
        assert sign_in(site, owner.name, "198.51.100.1", "wrong-password") != ""
    assert sign_in(site, owner.name, "192.0.2.7") == ""
    own = {"X-Forwarded-For": "192.0.2.7"}
    assert owner.ask("POST", "/me/reauth", json={"password": PASSWORD}, headers=own).ok


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_NAME_WIDE="5/minute", **BEHIND_A_PROXY)
def test_a_name_that_is_tried_from_everywhere_meets_the_wide_limit(
    site: Site, owner: Operator
) -> None:
    codes = [sign_in(site, owner.name, f"198.51.100.{n}", "wrong-password") for n in range(1, 7)]
    assert codes[-2:] == ["RATE_LIMITED", "RATE_LIMITED"]
    assert set(codes[:-2]) == {"CREDENTIALS_INVALID"}


def test_each_wrong_code_from_the_fifth_on_waits_twice_as_long(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()

    def tried(otp: str) -> tuple[str, int]:
        answer = site.request(
            "POST",
            "/admin/api/login",
            json={"username": owner.name, "password": PASSWORD, "otp": otp},
        )
        if answer.ok:
            site.tokens |= {answer.cookies["wxlogin_admin"], answer.json()["csrf_token"]}
            return "", 0
        return site.problem(answer), int(answer.headers.get("Retry-After", 0))

    clock.forward(60)
    assert [tried(WRONG)[0] for _ in range(5)] == ["CREDENTIALS_INVALID"] * 5
    for delay in (30, 60, 120):
        assert tried(owner.otp()) == ("RATE_LIMITED", delay)
        clock.forward(delay)
        assert tried(WRONG)[0] == "CREDENTIALS_INVALID"
    clock.forward(240)
    assert tried(owner.otp()) == ("", 0)
    assert tried(WRONG)[0] == "CREDENTIALS_INVALID"  # and the count begins anew
    clock.forward(30)
    assert tried(owner.otp()) == ("", 0)
    assert "admin_code_guessed" in {alert.rule for alert in alerts(site)}


def test_a_new_password_takes_the_delay_away(site: Site, owner: Operator) -> None:
    admins = site.services.operators.admins
    with site.app.app_context():
        admin = admins.get_by_name(owner.name)
        admins._update(
            admin, wrong_codes=9, locked_until=utc_now(admins._clock) + timedelta(hours=1)
        )
        admins.set_password(admin, secrets.token_urlsafe(18))
        assert (admin.wrong_codes, admin.locked_until) == (0, None)


def test_a_sign_in_without_a_code_counts_for_nothing(site: Site, owner: Operator) -> None:
    owner.enrol()
    body = {"username": owner.name, "password": PASSWORD}
    for _ in range(7):
        answer = site.request("POST", "/admin/api/login", json=body)
        assert site.problem(answer) == "CREDENTIALS_INVALID"


def test_operators_learn_of_new_access(site: Site, owner: Operator) -> None:
    made = owner.done("POST", "/tokens", json={"name": "orders", "scopes": ["introspect"]})
    site.tokens.add(made["token"])
    created = owner.done("POST", "/admins", json={"name": "nina", "role": "viewer"})
    site.tokens.add(created["password"])
    kinds = {event.kind for event in events(site)}
    assert {"admin.token_created", "admin.created"} <= kinds
    told = {(alert.rule, alert.subject) for alert in alerts(site)}
    assert {("admin_token_created", made["item"]["id"]), ("admin_created", "nina")} <= told


def test_each_new_token_and_admin_of_an_hour_is_told_by_itself(site: Site, owner: Operator) -> None:
    for n in range(2):
        made = owner.done("POST", "/tokens", json={"name": f"orders {n}", "scopes": ["introspect"]})
        created = owner.done("POST", "/admins", json={"name": f"nina{n}", "role": "viewer"})
        site.tokens |= {made["token"], created["password"]}
    rules = [alert.rule for alert in alerts(site)]
    assert (rules.count("admin_token_created"), rules.count("admin_created")) == (2, 2)


def test_a_recovery_code_is_told_wherever_it_was_used(site: Site, owner: Operator) -> None:
    codes = owner.enrol()
    again = {"password": PASSWORD, "otp": codes[0]}
    assert owner.ask("POST", "/me/reauth", json=again).ok
    assert len(events(site, "admin.recovery_code_used")) == 1
    assert ("admin_recovery_code_used", owner.name) in {
        (alert.rule, alert.subject) for alert in alerts(site)
    }
    assert owner.refusal("POST", "/me/reauth", json=again) == "CREDENTIALS_INVALID"


@pytest.mark.settings(WXLOGIN_RULE_ADMIN_LOGIN_ANYWHERE="8/hour", **BEHIND_A_PROXY)
def test_failed_sign_ins_from_many_addresses_raise_an_alert(site: Site, owner: Operator) -> None:
    for n in range(9):
        sign_in(site, owner.name, f"198.51.100.{n}", "wrong-password")
    assert [(alert.rule, alert.subject) for alert in alerts(site)] == [
        ("admin_login_anywhere", "all")
    ]


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_NAME_WIDE="5/minute", **BEHIND_A_PROXY)
def test_an_address_of_the_admin_s_own_does_not_meet_the_wide_limit(
    site: Site, owner: Operator
) -> None:
    assert sign_in(site, owner.name, "2001:db8:7::1") == ""
    for n in range(1, 7):
        sign_in(site, owner.name, f"198.51.100.{n}", "wrong-password")
    assert sign_in(site, owner.name, "2001:db8:7::99") == ""
    assert sign_in(site, owner.name, "2001:db8:8::1") == "RATE_LIMITED"
    others = [sign_in(site, owner.name, "2001:db8:7::99", "wrong-password") for _ in range(10)]
    assert others[-1] == "RATE_LIMITED"


def test_the_delay_of_a_name_does_not_hold_for_who_is_signed_in(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()
    clock.forward(60)
    for _ in range(5):
        assert sign_in(site, owner.name, "", otp=WRONG) == "CREDENTIALS_INVALID"
    assert sign_in(site, owner.name, "", otp=owner.otp()) == "RATE_LIMITED"
    assert owner.ask("POST", "/me/reauth", json={"password": PASSWORD, "otp": owner.otp()}).ok
    fresh = {"password": PASSWORD, "new_password": PASSWORD + "-too"}
    site.secrets.add(fresh["new_password"])
    assert owner.ask("POST", "/me/password", json=fresh).ok


def test_wrong_codes_of_a_session_delay_that_session_alone_and_are_told(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()
    clock.forward(60)
    wrong = {"password": PASSWORD, "otp": WRONG}
    for _ in range(5):
        assert owner.refusal("POST", "/me/reauth", json=wrong) == "CREDENTIALS_INVALID"
    for delay in (30, 60):
        right = {"password": PASSWORD, "otp": owner.otp()}
        answer = owner.ask("POST", "/me/reauth", json=right)
        assert (site.problem(answer), answer.headers["Retry-After"]) == ("RATE_LIMITED", str(delay))
        assert owner.ask("GET", "/me").ok
        clock.forward(delay)
        assert owner.refusal("POST", "/me/reauth", json=wrong) == "CREDENTIALS_INVALID"
    assert "admin_code_guessed" in {alert.rule for alert in alerts(site)}
    assert sign_in(site, owner.name, "", otp=owner.otp()) == ""
    clock.forward(120)
    assert owner.ask("POST", "/me/reauth", json={"password": PASSWORD, "otp": owner.otp()}).ok
    assert owner.refusal("POST", "/me/reauth", json=wrong) == "CREDENTIALS_INVALID"
    clock.forward(30)
    assert owner.ask("POST", "/me/reauth", json={"password": PASSWORD, "otp": owner.otp()}).ok


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_IP="1000/minute", WXLOGIN_LIMIT_ADMIN_NAME="1000/minute")
def test_of_many_codes_at_once_one_is_tried(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    owner.enrol()
    clock.forward(60)
    for _ in range(5):
        assert sign_in(site, owner.name, "", otp=WRONG) == "CREDENTIALS_INVALID"
    clock.forward(30)
    codes: list[str] = []
    together([lambda: codes.append(sign_in(site, owner.name, "", otp=WRONG))] * 8)
    assert sorted(codes) == ["CREDENTIALS_INVALID"] + ["RATE_LIMITED"] * 7


@pytest.mark.settings(**BEHIND_A_PROXY)
def test_operators_learn_of_a_sign_in_from_a_new_address(site: Site, owner: Operator) -> None:
    for address in ("192.0.2.7", "192.0.2.7", "198.51.100.9"):
        assert sign_in(site, owner.name, address) == ""
    found = events(site, "admin.signed_in_elsewhere")
    assert "198.51.100.9" in [event.address for event in found]
