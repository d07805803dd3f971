"""The second factor: enrolling it, signing in with it, losing it."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import select

from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import Admin
from wxlogin.operators.errors import CredentialsInvalid


@pytest.fixture
def codes(owner: Operator) -> list[str]:
    """The owner's recovery codes, after the enrolment."""
    return owner.enrol()


def row(operator: Operator) -> Admin:
    """What the database holds of an admin."""
    with operator.site.app.app_context():
        return db.session.scalars(select(Admin).where(Admin.public_id == operator.id)).one()


def refused(operator: Operator, otp: str | None) -> bool:
    """Whether a sign-in with this code is refused."""
    answer = operator.try_sign_in(otp=otp)
    assert answer.ok or operator.site.problem(answer) == "CREDENTIALS_INVALID"
    return not answer.ok


def test_an_enrolment_shows_what_an_app_can_scan(owner: Operator) -> None:
    shown = owner.done("POST", "/me/totp")
    owner.site.tokens.add(shown["secret"])
    assert shown["uri"].startswith(f"otpauth://totp/wxlogin:{owner.name}?secret={shown['secret']}")
    assert shown["qr_svg"].startswith("<svg")


def test_it_counts_once_a_code_confirmed_it(owner: Operator) -> None:
    owner.totp_secret = owner.done("POST", "/me/totp")["secret"]
    for wrong in ("000000", "12345", ""):
        refusal = owner.refusal("POST", "/me/totp/confirm", json={"otp": wrong})
        assert refusal == "CREDENTIALS_INVALID"
    assert owner.done("GET", "/me")["admin"]["totp"] is False
    codes = owner.done("POST", "/me/totp/confirm", json={"otp": owner.otp()})["recovery_codes"]
    assert len(set(codes)) == 10
    assert owner.done("GET", "/me")["admin"]["totp"] is True


def test_nothing_is_confirmed_that_was_not_begun(owner: Operator) -> None:
    body = {"otp": "000000"}
    assert owner.refusal("POST", "/me/totp/confirm", json=body) == "INVALID_REQUEST"


def test_of_two_enrolments_at_once_the_first_counts(site: Site, owner: Operator) -> None:
    operators = site.app.extensions["wxlogin"].operators
    with site.app.app_context():
        late = operators.admins.get(owner.id)
        other = operators.second_factor.enrol(owner.id, owner.name)
        owner.enrol()
        code = pyotp.TOTP(other.secret).at(int(site.clock()))
        with pytest.raises(CredentialsInvalid):
            operators.admins.confirm_second_factor(late, other.sealed, code)
    site.clock.forward(30)
    assert not refused(owner, owner.otp())


@pytest.mark.settings(WXLOGIN_ADMIN_REQUIRE_TOTP="on")
def test_enrolling_opens_the_session_and_ends_the_others(site: Site) -> None:
    operator = Operator(site, "owner").sign_in()
    before = operator.cookie
    operator.sign_in().enrol()
    assert operator.done("GET", "/me")["must_enrol"] is False
    assert operator.done("GET", "/audit")["items"]
    operator.cookie = before
    assert operator.refusal("GET", "/me") == "SESSION_EXPIRED"


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_clock_half_a_minute_off_is_no_hindrance(
    owner: Operator, codes: list[str], clock: SettableClock, steps: int
) -> None:
    clock.forward(90)
    assert not refused(owner, owner.otp(steps))


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_is_refused(
    owner: Operator, codes: list[str], clock: SettableClock, steps: int
) -> None:
    clock.forward(90)
    assert refused(owner, owner.otp(steps))


def test_without_a_code_nobody_gets_in(owner: Operator, codes: list[str]) -> None:
    assert refused(owner, None)


def test_a_code_is_good_once_and_none_before_it(
    owner: Operator, codes: list[str], clock: SettableClock
) -> None:
    assert refused(owner, owner.otp())  # it confirmed the enrolment
    clock.forward(60)
    assert not refused(owner, owner.otp())
    assert refused(owner, owner.otp())
    assert refused(owner, owner.otp(-1))


def test_of_two_at_once_with_one_code_one_gets_in(
    owner: Operator, codes: list[str], clock: SettableClock
) -> None:
    clock.forward(60)
    outcomes = together([lambda: refused(owner, owner.otp())] * 4)
    assert sorted(outcomes) == [False, True, True, True]


def test_a_recovery_code_signs_in_once(owner: Operator, codes: list[str]) -> None:
    assert not refused(owner, codes[3].upper().replace("-", " "))
    assert refused(owner, codes[3])
    assert owner.done("GET", "/me")["recovery_codes_left"] == 9


def test_fresh_recovery_codes_take_the_place_of_all_before(
    owner: Operator, codes: list[str]
) -> None:
    fresh = owner.done("POST", "/me/recovery-codes")["recovery_codes"]
    owner.site.tokens |= set(fresh)
    assert refused(owner, codes[0])
    assert not refused(owner, fresh[0])


def test_who_has_no_second_factor_has_no_recovery_codes(owner: Operator) -> None:
    assert owner.refusal("POST", "/me/recovery-codes") == "NOT_FOUND"


def test_the_factor_before_serves_until_the_new_one_is_confirmed(
    owner: Operator, codes: list[str], clock: SettableClock
) -> None:
    fresh = owner.done("POST", "/me/totp")["secret"]
    owner.site.tokens.add(fresh)
    clock.forward(30)
    owner.sign_in(otp=owner.otp())


def test_secret_and_codes_are_kept_nowhere_in_clear(owner: Operator, codes: list[str]) -> None:
    kept = row(owner)
    assert owner.totp_secret not in (kept.totp_sealed or "")
    assert not set(codes) & set(kept.recovery_codes.split())
    assert owner.site.leaks() == []


def test_an_owner_takes_a_lost_factor_away(site: Site, owner: Operator) -> None:
    viewer = Operator(site, "viewer").sign_in()
    viewer.enrol()
    changed = owner.done("POST", f"/admins/{viewer.id}/reset-totp")
    assert (changed["admin"]["totp"], changed["ended"]) == (False, 1)
    assert viewer.refusal("GET", "/me") == "SESSION_EXPIRED"
    viewer.sign_in()


def test_the_first_code_may_have_a_space(site: Site, owner: Operator) -> None:
    begun = owner.done("POST", "/me/totp")
    site.tokens.add(begun["secret"])
    code = pyotp.TOTP(begun["secret"]).at(int(site.clock()))
    confirmed = owner.done("POST", "/me/totp/confirm", json={"otp": f"{code[:3]} {code[3:]}"})
    site.tokens |= set(confirmed["recovery_codes"])
    assert confirmed["recovery_codes"]


@pytest.mark.parametrize(("seconds", "refused"), [(299, False), (300, True)])
def test_a_secret_that_nobody_confirmed_is_void_after_five_minutes(
    owner: Operator, clock: SettableClock, seconds: int, *, refused: bool
) -> None:
    owner.totp_secret = owner.done("POST", "/me/totp")["secret"]
    owner.site.tokens.add(owner.totp_secret)
    clock.forward(seconds)
    answer = owner.ask("POST", "/me/totp/confirm", json={"otp": owner.otp()})
    owner.site.tokens |= set(answer.json().get("recovery_codes", []))
    assert (answer.status_code == 400) == refused
