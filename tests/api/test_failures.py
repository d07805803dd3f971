"""Failures of an address: counted by kind, refused by kind, and never in a call that is proven."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import counted

NARROW = pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
SIGN_IN = "/admin/api/login"
FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def bad_code(site: Site) -> str:
    return site.problem(Phone(site).try_login(code="0" * 30 + f"{len(site.answers):02}"))


def forged_token(site: Site) -> str:
    return site.problem(site.request("GET", "/v1/session", headers=FORGED))


def forged_for_nginx(site: Site) -> str:
    return site.problem(site.request("GET", "/v1/auth", headers=FORGED))


def forged_cookie(site: Site) -> str:
    headers = {"Cookie": "wxlogin_admin=wxo_" + "A" * 108}
    return site.problem(site.request("GET", "/admin/api/me", headers=headers))


def forged_api_token(site: Site) -> str:
    headers = {"Authorization": "Bearer wxa_" + "A" * 43 + "00000000"}
    return site.problem(site.request("POST", "/v1/introspect", headers=headers))


def unknown_path(site: Site) -> str:
    return site.problem(site.request("GET", f"/{len(site.answers)}"))


def wrong_method(site: Site) -> str:
    return site.problem(site.request("PUT", "/v1/login"))


def many_unknown_fields(site: Site) -> str:
    body = {"username": "x", **{f"field{n}": n for n in range(60)}}
    return site.problem(site.request("POST", SIGN_IN, json=body))


def thousands_of_fields(site: Site) -> str:
    body = {f"f{n}": n for n in range(15_000)}
    return site.problem(site.request("POST", "/v1/login", json=body))


def no_json(site: Site) -> str:
    headers = {"Content-Type": "application/json"}
    return site.problem(site.request("POST", SIGN_IN, data=b"[" * 2000, headers=headers))


def too_large(site: Site) -> str:
    return site.problem(site.request("POST", SIGN_IN, json={"username": "x" * 270_000}))


KINDS: dict[str, tuple[Callable[[Site], str], ...]] = {
    "CODE_INVALID": (bad_code,),
    "TOKEN_INVALID": (forged_token, forged_for_nginx, forged_cookie, forged_api_token),
    "NOT_FOUND": (unknown_path,),
    "METHOD_NOT_ALLOWED": (wrong_method,),
    "INVALID_REQUEST": (many_unknown_fields, thousands_of_fields, no_json),
    "PAYLOAD_TOO_LARGE": (too_large,),
}
FAILURES = [(code, fail) for code, those in KINDS.items() for fail in those]
OF_ONE_KIND = [{"NOT_FOUND", "METHOD_NOT_ALLOWED"}, {"INVALID_REQUEST", "PAYLOAD_TOO_LARGE"}]


def close(site: Site, fail: Callable[[Site], str]) -> list[str]:
    """Fail until the address is over its limit of this kind; the codes of the refusals."""
    codes = []
    for _ in range(5):
        codes.append(fail(site))
        site.services.limits.failures.flush()
    return codes


@NARROW
@pytest.mark.parametrize(("code", "fail"), FAILURES, ids=[fail.__name__ for _, fail in FAILURES])
def test_an_address_is_refused_for_further_failures_of_one_kind_alone(
    site: Site, code: str, fail: Callable[[Site], str]
) -> None:
    assert close(site, fail) == [code] * 4 + ["RATE_LIMITED"]
    for other, another in FAILURES:
        if code == "CODE_INVALID" and another is thousands_of_fields:
            continue  # a login, which is closed
        same = other == code or any({other, code} <= kind for kind in OF_ONE_KIND)
        assert another(site) == ("RATE_LIMITED" if same else other), another
    assert site.request("GET", "/healthz").ok
    site.clock.forward(60)
    assert fail(site) == code


@NARROW
@pytest.mark.parametrize("fail", [fail for _, fail in FAILURES], ids=lambda fail: fail.__name__)
def test_what_is_proven_is_never_refused_for_its_address(
    site: Site, phone: Phone, fail: Callable[[Site], str]
) -> None:
    owner = Operator(site).sign_in()
    service = Service(site, "introspect")
    phone.login()
    close(site, fail)
    for path in ("/v1/session", "/v1/auth"):
        assert phone.refusal(path) == ""
    assert phone.ask("POST", "/v1/session/key", json={"code": phone.code()}).ok
    assert site.problem(phone.ask("POST", "/v1/logout", data=b"[")) == "UNSUPPORTED_MEDIA_TYPE"
    wrong = {f"f{n}": n for n in range(2000)}
    assert site.problem(phone.ask("POST", "/v1/logout", json=wrong)) == "INVALID_REQUEST"
    assert service.ask("POST", "/v1/introspect", data={"token": phone.token}).ok
    assert owner.ask("GET", "/me").ok
    assert owner.ask("POST", "/me/reauth", json={"password": owner.password}).ok
    assert Operator(site).try_sign_in().ok
    page = site.request("GET", "/admin/sign-in")
    assert page.ok
    carried = phone.try_login(carry=True)
    assert carried.ok
    assert Phone(site).try_login().ok == (fail is not bad_code)


@NARROW
def test_bad_codes_are_refused_before_wechat_is_asked(site: Site) -> None:
    close(site, bad_code)
    assert site.sandbox.world.calls["/sns/jscode2session"] == 4


@NARROW
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer undefined"},
        {"Authorization": "Bearer null"},
        {"Authorization": "Bearer " + "é" * 112},
        {"Authorization": "Bearer wxs_" + "A" * 107},
        {"Authorization": "Bearer wxs_" + "A" * 107 + "/"},
        {"Authorization": "Bearer wxa_undefined"},
        {"Cookie": "wxlogin_admin=undefined"},
    ],
    ids=str,
)
def test_a_text_that_is_no_token_by_its_form_counts_for_nothing(
    site: Site, headers: Mapping[str, str]
) -> None:
    calls = (
        ("/v1/session", "/v1/auth", "/admin/api/me")
        if "Cookie" not in headers
        else ("/admin/api/me",)
    )
    sent = {name: value.encode() for name, value in headers.items()}
    codes = {
        site.problem(site.request("GET", path, headers=sent)) for _ in range(6) for path in calls
    }
    assert codes == {"TOKEN_INVALID"}
    assert forged_token(site) == "TOKEN_INVALID"
    assert counted(site) == {"token.forged": 1}


@NARROW
def test_a_large_body_is_not_read_once_an_address_sent_too_many_wrong_ones(site: Site) -> None:
    close(site, thousands_of_fields)
    padded = {"username": "nobody", "password": "x" * 200, "otp": " " * 10}
    fine = site.request("POST", "/admin/api/login", json=padded)
    assert site.problem(fine) == "CREDENTIALS_INVALID"
    spaced = b'{"username": "nobody", "password": "x"}' + b" " * 5000
    headers = {"Content-Type": "application/json"}
    for path in ("/admin/api/login", "/v1/login", "/admin/sign-in"):
        large = site.request("POST", path, data=spaced, headers=headers, allow_redirects=False)
        assert large.headers["X-Wxlogin-Error"] == "RATE_LIMITED"

    def pieces() -> list[bytes]:
        return [spaced]

    chunked = site.request("POST", "/v1/login", data=iter(pieces()), headers=headers)
    assert site.problem(chunked) == "RATE_LIMITED"


@NARROW
def test_an_unknown_field_or_a_wrong_value_is_no_failure(site: Site) -> None:
    for _ in range(6):
        answer = site.request("POST", "/v1/login", json={"code": "", "unknown": 1})
        assert site.problem(answer) == "INVALID_REQUEST"


@NARROW
def test_nginx_gets_the_refusal_of_an_address_over_its_failures_too(site: Site) -> None:
    close(site, forged_for_nginx)
    refused = site.request("GET", "/v1/auth", headers=FORGED)
    assert site.problem(refused) == "RATE_LIMITED"
    assert json.loads(refused.headers["X-Wxlogin-Problem"]) == refused.json()
