"""Signing in to the admin: who gets in, what everybody else is told, and how often one may try."""

from __future__ import annotations

import pytest

from tests.harness.console import Operator
from tests.harness.site import Site


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
    done, intent = olivia.done("GET", "/audit")["items"]
    assert (intent["act"], intent["outcome"]) == ("admin.sign_in", "intent")
    assert (done["outcome"], done["intent"]) == ("done", intent["id"])
    assert {done["actor"], done["target"]} == {"admin:olivia"}
