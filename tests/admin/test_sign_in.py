"""Signing in to the admin: who gets in, what everybody else is told, and how often one may try."""

from __future__ import annotations

from typing import Any, Literal, cast

import pytest
from argon2 import PasswordHasher
from sqlalchemy import QueuePool, select

from tests.harness.clock import SettableClock
from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site
from tests.harness.watched import events
from wxlogin.extensions import db
from wxlogin.models import SecurityEvent


@pytest.fixture
def olivia(site: Site) -> Operator:
    """An owner who is not signed in."""
    return Operator(site, "owner", "olivia")


def test_the_right_password_signs_in(olivia: Operator) -> None:
    answer = olivia.try_sign_in().json()
    assert answer["admin"] == {"id": olivia.id, "name": "olivia", "role": "owner", "totp": False}
    assert answer["csrf_token"]
    assert answer["must_enrol"] is False


def test_the_cookie_is_for_the_admin_s_browser_alone(olivia: Operator) -> None:
    cookie = olivia.try_sign_in().headers["Set-Cookie"]
    assert cookie.startswith("wxlogin_admin=wxo_")
    assert {"HttpOnly", "SameSite=Strict", "Path=/admin"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


@pytest.mark.parametrize(
    "wrong",
    [{"username": "nobody"}, {"password": "Quiet-otter-46-lantern"}, {"username": "OLIVIA"}],
)
def test_whatever_is_wrong_is_told_alike(
    site: Site, olivia: Operator, wrong: dict[str, str]
) -> None:
    answer = olivia.try_sign_in(**wrong)
    document = answer.json()
    del document["request_id"]
    assert document == {
        "type": "urn:wxlogin:error:CREDENTIALS_INVALID",
        "title": "The sign-in is refused",
        "status": 401,
        "detail": "The name, the password or the one-time code is wrong.",
        "code": "CREDENTIALS_INVALID",
        "action": "fix",
    }
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session(olivia: Operator) -> None:
    olivia.sign_in()
    answer = olivia.ask("POST", "/logout")
    assert answer.json() == {"ended": 1}
    assert answer.headers["Set-Cookie"].startswith("wxlogin_admin=;")
    assert olivia.refusal("POST", "/logout") == "SESSION_EXPIRED"


def test_a_sign_in_stands_in_the_audit_trail(olivia: Operator) -> None:
    olivia.sign_in()
    (done,) = olivia.done("GET", "/audit")["items"]
    assert (done["act"], done["outcome"]) == ("admin.sign_in", "done")
    assert (done["id"], done["intent"]) == (2, 1)
    assert {done["actor"], done["target"]} == {"admin:olivia"}


def test_a_sign_out_stands_in_the_audit_trail(olivia: Operator) -> None:
    olivia.sign_in().done("POST", "/logout")
    acts = [entry["act"] for entry in olivia.sign_in().trail("admin:olivia")]
    assert acts == ["admin.sign_in", "admin.sign_out", "admin.sign_in"]


# What it costs, and how often


class CountingHasher(PasswordHasher):
    """Argon2 as it is, counted."""

    checked = 0
    connections_held = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        """Check as ever."""
        self.checked += 1
        self.connections_held += cast("QueuePool", db.engine.pool).checkedout()
        return super().verify(hash, password)


@pytest.fixture
def hasher(site: Site) -> CountingHasher:
    """Counts how often the site computes a password's hash to check it."""
    passwords = site.app.extensions["wxlogin"].operators.admins._passwords
    passwords._hasher = CountingHasher(time_cost=2, memory_cost=19_456, parallelism=1)
    return passwords._hasher


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "nobody"},
        {"password": "Quiet-otter-46-lantern"},
        {"otp": "000000"},
        {"otp": None},
        {"otp": ""},
        {"otp": "12345"},
        {"otp": "验证码"},
        {"otp": "1a2b3-c4d5e-f6a7b-8c9d0"},
    ],
)
def test_every_refused_sign_in_computes_one_hash(
    olivia: Operator, hasher: CountingHasher, wrong: dict[str, Any]
) -> None:
    olivia.sign_in().enrol()
    before = hasher.checked
    fields = {"otp": olivia.otp(1), **wrong}
    assert olivia.site.problem(olivia.try_sign_in(**fields)) == "CREDENTIALS_INVALID"
    assert hasher.checked == before + 1


def test_no_connection_is_held_while_a_hash_is_waited_for(
    olivia: Operator, hasher: CountingHasher
) -> None:
    olivia.try_sign_in(password="wrong-password")
    events(olivia.site)  # its event is written: the writer has a connection of its own
    olivia.sign_in()
    events(olivia.site)
    body = {"password": PASSWORD, "new_password": "weak"}
    assert olivia.refusal("POST", "/me/password", json=body) == "INVALID_REQUEST"
    assert (hasher.checked, hasher.connections_held) == (3, 0)


def test_a_sign_in_that_a_new_password_overtakes_opens_nothing(
    site: Site, olivia: Operator
) -> None:
    operators = site.app.extensions["wxlogin"].operators
    with site.app.app_context():
        admin, fingerprint, _ = operators.admins.authenticate("olivia", PASSWORD, None)
        operators.admins.set_password(admin, "Slow-heron-81-windmills")
    olivia.cookie, _ = operators.sessions.create(olivia.id, fingerprint, "192.0.2.1")
    site.tokens.add(olivia.cookie)
    assert olivia.refusal("GET", "/me") == "SESSION_REVOKED"


def test_a_disabled_admin_is_told_like_a_stranger(
    site: Site, owner: Operator, olivia: Operator, hasher: CountingHasher
) -> None:
    owner.done("PATCH", f"/admins/{olivia.id}", json={"disabled": True})
    assert site.problem(olivia.try_sign_in()) == "CREDENTIALS_INVALID"
    assert hasher.checked == 1


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_NAME="2/minute")
def test_over_the_name_s_limit_no_hash_is_computed(
    site: Site, olivia: Operator, hasher: CountingHasher, clock: SettableClock
) -> None:
    codes = [site.problem(olivia.try_sign_in(password="wrong-password")) for _ in range(3)]
    assert codes == ["CREDENTIALS_INVALID", "CREDENTIALS_INVALID", "RATE_LIMITED"]
    assert site.problem(olivia.try_sign_in()) == "RATE_LIMITED"
    assert hasher.checked == 2
    Operator(site, "owner", "another").sign_in()
    clock.forward(60)
    olivia.sign_in()


@pytest.mark.settings(WXLOGIN_LIMIT_ADMIN_IP="2/minute")
def test_sign_ins_are_limited_by_address(site: Site, hasher: CountingHasher) -> None:
    answers = [Operator(site, "viewer").try_sign_in().status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert hasher.checked == 2


def test_a_failed_sign_in_is_an_event(site: Site, olivia: Operator) -> None:
    olivia.try_sign_in(password="wrong-password")
    services = site.app.extensions["wxlogin"]
    services.watch.recorder.flush()
    with site.app.app_context():
        assert "admin.login_failed" in db.session.scalars(select(SecurityEvent.kind)).all()
    assert olivia.sign_in().done("GET", "/audit")["items"][0]["act"] == "admin.sign_in"


@pytest.mark.settings(
    WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_ADMIN_REQUIRE_TOTP="on"
)
def test_over_https_the_cookie_is_secure(site: Site, olivia: Operator) -> None:
    body = {"username": "olivia", "password": PASSWORD}
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    answer = site.request("POST", "/admin/api/login", json=body, headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
