"""Passkeys: a second factor beside the password, for one's own account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.authenticator import Authenticator
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.site import Site

PUBLIC = "https://login.example.com"


@pytest.fixture
def device(site: Site) -> Authenticator:
    """The device of an admin whose browser is at this site."""
    return Authenticator(site.base)


def register(owner: Operator, device: Authenticator, name: str = "laptop") -> Any:
    """Register a passkey; the answer."""
    options = owner.done("POST", "/me/passkeys")["options"]
    body = {"name": name, "credential": device.create(options)}
    made = owner.done("POST", "/me/passkeys/confirm", json=body)
    owner.site.tokens |= set(made["recovery_codes"])
    return made


def challenge(site: Site) -> dict[str, Any]:
    """A sign-in that begins."""
    answer = site.request("POST", "/admin/api/login/challenge")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def signed(site: Site, device: Authenticator) -> dict[str, Any]:
    """What the device signs for a new sign-in."""
    begun = challenge(site)
    return {"attempt": begun["attempt"], "credential": device.get(begun["options"])}


def outcome(owner: Operator, passkey: dict[str, Any]) -> str:
    """The code with which a sign-in is refused, or nothing."""
    answer = owner.try_sign_in(passkey=passkey)
    return "" if answer.ok else owner.site.problem(answer)


def test_a_passkey_signs_in_beside_the_password(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    made = register(owner, device)
    assert made["passkey"]["name"] == "laptop"
    assert len(made["recovery_codes"]) == 10
    assert outcome(owner, signed(site, device)) == ""
    (listed,) = owner.done("GET", "/me/passkeys")["items"]
    assert listed["id"] == made["passkey"]["id"]
    assert listed["last_used_at"]
    assert owner.done("GET", "/me")["admin"]["totp"] is True


def test_the_password_alone_is_not_enough_then(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    codes = register(owner, device)["recovery_codes"]
    assert site.problem(owner.try_sign_in()) == "CREDENTIALS_INVALID"
    passkey = signed(site, device)
    wrong = owner.try_sign_in(password="not the password", passkey=passkey)
    assert site.problem(wrong) == "CREDENTIALS_INVALID"
    assert owner.try_sign_in(otp=codes[0]).ok


def test_a_challenge_is_good_once_and_for_two_minutes(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    passkey = signed(site, device)
    assert outcome(owner, passkey) == ""
    assert outcome(owner, passkey) == "CREDENTIALS_INVALID"
    begun = challenge(site)
    key = f"wxl:1:passkey:{begun['attempt']}"
    assert 110_000 < site.redis.pttl(key) <= 120_000
    site.redis.delete(key)
    late = {"attempt": begun["attempt"], "credential": device.get(begun["options"])}
    assert outcome(owner, late) == "CREDENTIALS_INVALID"


def test_what_was_signed_for_another_attempt_or_site_is_refused(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    mixed = {**signed(site, device), "attempt": challenge(site)["attempt"]}
    assert outcome(owner, mixed) == "CREDENTIALS_INVALID"
    device.origin = "https://evil.example"
    assert outcome(owner, signed(site, device)) == "CREDENTIALS_INVALID"


def test_a_passkey_that_verified_nobody_or_was_copied_is_refused(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    device.verifies = False
    assert outcome(owner, signed(site, device)) == "CREDENTIALS_INVALID"
    device.verifies, device.count = True, 7
    assert outcome(owner, signed(site, device)) == ""
    device.count = 3
    assert outcome(owner, signed(site, device)) == "CREDENTIALS_INVALID"


def test_the_passkey_of_another_admin_is_refused(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    other = Operator(site, "viewer").sign_in()
    register(other, Authenticator(site.base))
    assert outcome(other, signed(site, device)) == "CREDENTIALS_INVALID"


def test_wrong_passkeys_delay_the_next_try_as_wrong_codes_do(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    stranger = Authenticator(site.base)
    refusals = [outcome(owner, signed(site, stranger)) for _ in range(6)]
    assert refusals[-1] == "RATE_LIMITED"


def test_the_password_given_again_takes_a_passkey(
    site: Site, owner: Operator, device: Authenticator, clock: SettableClock
) -> None:
    register(owner, device)
    clock.forward(600)
    assert owner.refusal("POST", "/me/passkeys") == "FORBIDDEN"
    body = {"password": owner.password}
    assert owner.refusal("POST", "/me/reauth", json=body) == "CREDENTIALS_INVALID"
    owner.done("POST", "/me/reauth", json={**body, "passkey": signed(site, device)})
    assert owner.done("POST", "/me/passkeys")["options"]["excludeCredentials"]


def test_a_challenge_of_who_is_signed_in_counts_for_the_session_alone(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    register(owner, device)
    while (answer := site.request("POST", "/admin/api/login/challenge")).ok:
        pass  # somebody at the same address
    assert site.problem(answer) == "RATE_LIMITED"
    begun = owner.done("POST", "/me/reauth/challenge")
    passkey = {"attempt": begun["attempt"], "credential": device.get(begun["options"])}
    owner.done("POST", "/me/reauth", json={"password": owner.password, "passkey": passkey})


def test_challenges_of_one_session_have_a_limit(site: Site, owner: Operator) -> None:
    other = Operator(site, "viewer").sign_in()
    asked = [owner.ask("POST", "/me/reauth/challenge") for _ in range(11)]
    assert [answer.ok for answer in asked] == [True] * 10 + [False]
    assert other.ask("POST", "/me/reauth/challenge").ok


def test_registering_wants_what_was_asked_for(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    options = owner.done("POST", "/me/passkeys")["options"]
    assert options["authenticatorSelection"]["userVerification"] == "required"
    body = {"name": "laptop", "credential": device.create(options)}
    device.verifies = False
    unverified = {"name": "laptop", "credential": device.create(options)}
    assert owner.refusal("POST", "/me/passkeys/confirm", json=unverified) == "CREDENTIALS_INVALID"
    # The challenge is spent with the first answer, whatever that was.
    assert owner.refusal("POST", "/me/passkeys/confirm", json=body) == "CREDENTIALS_INVALID"
    assert owner.done("GET", "/me/passkeys")["items"] == []


@pytest.mark.parametrize("credential", [{}, {"id": 7}, {"id": "x", "rawId": "x", "response": []}])
def test_an_answer_of_no_browser_is_refused(
    site: Site, owner: Operator, device: Authenticator, credential: dict[str, Any]
) -> None:
    owner.done("POST", "/me/passkeys")
    body = {"name": "laptop", "credential": credential}
    assert owner.refusal("POST", "/me/passkeys/confirm", json=body) == "CREDENTIALS_INVALID"
    register(owner, device)
    passkey = {"attempt": challenge(site)["attempt"], "credential": credential}
    assert outcome(owner, passkey) == "CREDENTIALS_INVALID"


def test_another_session_of_the_admin_cannot_confirm(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    options = owner.done("POST", "/me/passkeys")["options"]
    body = {"name": "laptop", "credential": device.create(options)}
    owner.sign_in()
    assert owner.refusal("POST", "/me/passkeys/confirm", json=body) == "CREDENTIALS_INVALID"


def test_a_passkey_is_removed_and_the_other_sessions_end(
    owner: Operator, device: Authenticator, site: Site
) -> None:
    made = register(owner, device)
    outcome(owner, signed(site, device))
    before = owner.cookie
    outcome(owner, signed(site, device))
    path = f"/me/passkeys/{made['passkey']['id']}"
    assert owner.done("DELETE", path) == {"ended": 2}
    assert owner.refusal("DELETE", path) == "NOT_FOUND"
    old = site.request("GET", "/admin/api/me", headers={"Cookie": f"wxlogin_admin={before}"})
    assert site.problem(old) == "SESSION_EXPIRED"
    assert owner.try_sign_in().ok
    acts = [item["act"] for item in owner.trail(f"admin:{owner.name}")]
    assert {"admin.passkey_add", "admin.passkey_remove"} <= set(acts)


def test_an_owner_takes_lost_passkeys_away(
    site: Site, owner: Operator, device: Authenticator
) -> None:
    viewer = Operator(site, "viewer").sign_in()
    register(viewer, device)
    owner.done("POST", f"/admins/{viewer.id}/reset-totp")
    assert viewer.try_sign_in().ok
    assert viewer.done("GET", "/me/passkeys")["items"] == []


@pytest.mark.settings(WXLOGIN_PUBLIC_URL=PUBLIC)
def test_a_passkey_is_the_second_factor_that_is_required(
    site: Site, owner: Operator, make_site: Callable[..., Site]
) -> None:
    device = Authenticator(PUBLIC)
    register(owner, device)
    owner.site = make_site(WXLOGIN_PUBLIC_URL=PUBLIC, WXLOGIN_ADMIN_REQUIRE_TOTP="on")
    answer = owner.try_sign_in(passkey=signed(owner.site, device))
    assert answer.json()["must_enrol"] is False
    assert owner.ask("GET", "/users").ok


@pytest.mark.settings(WXLOGIN_PUBLIC_URL=PUBLIC)
def test_passkeys_are_for_the_public_address(owner: Operator, site: Site) -> None:
    device = Authenticator(PUBLIC)
    options = owner.done("POST", "/me/passkeys")["options"]
    assert options["rp"]["id"] == "login.example.com"
    register(owner, device)
    assert outcome(owner, signed(site, device)) == ""


def test_there_are_ten_at_most(owner: Operator, site: Site) -> None:
    for number in range(10):
        register(owner, Authenticator(site.base), f"key {number}")
    assert owner.refusal("POST", "/me/passkeys") == "INVALID_REQUEST"


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_IP="3/minute")
def test_challenges_are_limited_by_address(site: Site) -> None:
    for _ in range(3):
        challenge(site)
    answer = site.request("POST", "/admin/api/login/challenge")
    assert site.problem(answer) == "RATE_LIMITED"
