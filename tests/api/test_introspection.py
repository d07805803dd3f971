"""Introspection (RFC 7662): whether a session's token holds, for a service that got it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from wxlogin.sessions import Tokens
from wxlogin.sessions.tokens import new_public_id

PATH = "/v1/introspect"
FORM = "application/x-www-form-urlencoded"


class Backend(Service):
    """A service that asks about the tokens it gets."""

    def about(self, token: str, **fields: str) -> Any:
        """What is told of a token."""
        answer = self.ask("POST", PATH, data={"token": token, **fields})
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.json()

    def refusal(self, body: str = "token=x", content_type: str = FORM) -> str:
        """The code of a call that has to be refused."""
        answer = self.ask("POST", PATH, data=body, headers={"Content-Type": content_type})
        return self.site.problem(answer)


@pytest.fixture
def backend(site: Site) -> Backend:
    """A service with the scope for it."""
    return Backend(site, "introspect")


def test_a_live_token_tells_whose_it_is(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    now = int(site.clock())
    assert backend.about(phone.token) == {
        "active": True,
        "sub": phone.user_id,
        "username": None,
        "person": UserRow(site, phone.user_id).column("person"),
        "client_id": APPID,
        "sid": phone.session_id,
        "iat": now,
        "exp": now + 604_800,
    }


def test_other_fields_are_ignored(backend: Backend, phone: Phone) -> None:
    phone.login()
    assert backend.about(phone.token, token_type_hint="refresh_token", x="")["active"] is True


def test_asking_counts_as_activity(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    for _ in range(3):
        site.clock.forward(600_000)
        assert backend.about(phone.token)["exp"] == int(site.clock()) + 604_800
    assert phone.refusal() == ""


def test_nothing_is_told_of_a_token_that_does_not_hold(
    site: Site, backend: Backend, phone: Phone
) -> None:
    phone.login()
    ended, other = phone.token, Phone(site, "bob")
    phone.logout()
    other.login()
    forged = Tokens(["n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"]).mint(new_public_id())[0]
    for token in (ended, forged, backend.token, "x", "ü"):
        assert backend.about(token) == {"active": False}
    site.clock.forward(604_800)
    assert backend.about(other.token) == {"active": False}


def test_a_replaced_token_tells_of_its_grace(site: Site, backend: Backend) -> None:
    phone = Phone(site, device_id="device-1")
    phone.login()
    before, sid = phone.token, phone.session_id
    phone.login()
    told = backend.about(before)
    assert (told["active"], told["sid"]) == (True, sid)
    assert told["exp"] == int(site.clock()) + 30
    site.clock.forward(31)
    assert backend.about(before) == {"active": False}
    assert backend.about(phone.token)["active"] is True


def test_a_banned_user_s_token_is_not_active(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    services = site.app.extensions["wxlogin"]
    with site.app.app_context():
        services.sessions.store.block(phone.user_id, "banned")
    assert phone.refusal() == "USER_BANNED"
    assert backend.about(phone.token) == {"active": False}


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute", WXLOGIN_LIMIT_FAIL_IP="2/minute")
def test_asking_costs_the_user_nothing_and_is_no_failure(backend: Backend, phone: Phone) -> None:
    phone.login()
    for _ in range(5):
        assert backend.about(phone.token)["active"] is True
        assert backend.about("forged")["active"] is False
    assert phone.refusal() == ""


@pytest.mark.settings(WXLOGIN_LIMIT_API_TOKEN="3/minute")
def test_each_service_has_a_limit_of_its_own(site: Site, backend: Backend, phone: Phone) -> None:
    phone.login()
    for token in (phone.token, "forged", phone.token):
        backend.about(token)
    for body in (f"token={phone.token}", "token=forged"):
        assert backend.refusal(body) == "RATE_LIMITED"
    assert Backend(site, "introspect").about(phone.token)["active"] is True
    site.clock.forward(60)
    assert backend.about(phone.token)["active"] is True


# What is refused


def test_the_service_must_name_itself(site: Site, phone: Phone) -> None:
    def refusal(**headers: str) -> str:
        return site.problem(site.request("POST", PATH, data={"token": "x"}, headers=headers))

    phone.login()
    assert refusal() == "TOKEN_MISSING"
    assert refusal(Authorization=f"Bearer {phone.token}") == "TOKEN_INVALID"
    assert refusal(Authorization="Bearer wxa_forged") == "TOKEN_INVALID"
    assert Backend(site, "identity", "wechat", "operate").refusal() == "FORBIDDEN"


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_forged_api_tokens_count_as_failures(site: Site, backend: Backend) -> None:
    headers = {"Authorization": "Bearer wxa_" + "A" * 43 + "00000000"}
    told = [
        site.problem(site.request("POST", PATH, data={"token": "x"}, headers=headers))
        for _ in range(8)
    ]
    assert set(told) == {"TOKEN_INVALID", "RATE_LIMITED"}
    assert told[-1] == "RATE_LIMITED"


def test_a_revoked_service_is_refused_at_once(site: Site, backend: Backend) -> None:
    backend.about("x")
    owner = Operator(site, "owner").sign_in()
    owner.done("DELETE", f"/tokens/{backend.id}")
    assert backend.refusal() == "TOKEN_INVALID"


WRONG_FORMS = ["", "x=1", "token=", "token=a&token=b", "token=%ff", "ü", "&".join(["x=1"] * 21)]


def test_a_form_without_one_token_is_refused(backend: Backend, subtests: pytest.Subtests) -> None:
    for body in WRONG_FORMS:
        with subtests.test(body=body):
            assert backend.refusal(body.encode("latin-1").decode("latin-1")) == "INVALID_REQUEST"


def test_only_a_form_is_taken(backend: Backend) -> None:
    assert backend.refusal('{"token": "x"}', "application/json") == "UNSUPPORTED_MEDIA_TYPE"
    assert backend.refusal("token=" + "x" * 300_000) == "PAYLOAD_TOO_LARGE"


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_REQUIRE_HTTPS="on")
def test_https_is_required(site: Site, backend: Backend) -> None:
    assert backend.refusal() == "HTTPS_REQUIRED"
    answer: requests.Response = backend.ask(
        "POST", PATH, data={"token": "x"}, headers={"X-Forwarded-Proto": "https"}
    )
    assert answer.json() == {"active": False}


def test_white_space_round_the_token_is_no_part_of_it(site: Site, phone: Phone) -> None:
    phone.login()
    asked = Service(site, "introspect").ask(
        "POST", "/v1/introspect", data={"token": f" {phone.token}\n"}
    )
    assert asked.json()["active"] is True
