"""Signed business calls: what nginx says of them, checked behind `GET /v1/auth`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

import pytest
import requests

from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site

BODY = b'{"n": 1}'
REQUIRED = pytest.mark.settings(WXLOGIN_AUTH_SIGNING="required")


@pytest.fixture
def signer(phone: Phone) -> Signer:
    """Alice's phone, signed in, with its signing key."""
    phone.login()
    return Signer(phone)


def business(method: str, uri: str, body: bytes | None = None) -> dict[str, str]:
    """What nginx says of a business call, and the client of its body."""
    hashed = {} if body is None else {"X-Wxlogin-Content-SHA256": hashlib.sha256(body).hexdigest()}
    return {"X-Original-Method": method, "X-Original-URI": uri, **hashed}


def authorized(signer: Signer, headers: Mapping[str, str]) -> requests.Response:
    """What nginx is told about a business call."""
    return signer.send("GET", "/v1/auth", b"", headers)


@REQUIRED
def test_a_signed_business_call_passes_once(site: Site, signer: Signer) -> None:
    headers = {
        **signer.sign("POST", "/orders?x=%E4%BD%A0", BODY),
        **business("POST", "/orders?x=%E4%BD%A0", BODY),
    }
    answer = authorized(signer, headers)
    assert answer.status_code == 204
    assert answer.headers["X-Wxlogin-User"] == signer.phone.user_id
    assert site.problem(authorized(signer, headers)) == "REQUEST_REPLAYED"


@REQUIRED
def test_a_business_call_without_a_body_needs_no_hash(signer: Signer) -> None:
    signed = signer.sign("DELETE", "/orders/1")
    assert authorized(signer, signed | business("DELETE", "/orders/1")).status_code == 204


@pytest.mark.parametrize(
    "told",
    [
        business("PUT", "/orders?b=2&a=1", BODY),
        business("POST", "/orders?a=1&b=2", BODY),
        business("POST", "//orders?b=2&a=1", BODY),
        business("POST", "/orders?b=2&a=1", BODY + b" "),
        business("POST", "/orders?b=2&a=1"),
        {},
    ],
)
def test_a_signature_covers_the_business_call(
    site: Site, signer: Signer, told: dict[str, str]
) -> None:
    signed = signer.sign("POST", "/orders?b=2&a=1", BODY)
    answer = authorized(signer, signed | told)
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.parametrize("hashed", ["A" * 64, "a" * 63, "a" * 65])
def test_a_hash_that_is_none_is_refused_though_it_was_signed(
    site: Site, signer: Signer, hashed: str
) -> None:
    told = {**business("POST", "/orders"), "X-Wxlogin-Content-SHA256": hashed}
    answer = authorized(signer, signer.sign("POST", "/orders", hashed=hashed) | told)
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


def test_a_signature_for_wxlogin_itself_is_none_for_a_business_call(
    site: Site, signer: Signer
) -> None:
    signed = signer.sign("GET", "/v1/auth")
    answer = authorized(signer, signed | business("GET", "/orders"))
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


@REQUIRED
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", ""])
def test_a_business_call_that_may_change_something_must_be_signed(
    site: Site, signer: Signer, method: str
) -> None:
    told = business(method, "/orders") if method else {}
    assert site.problem(authorized(signer, told)) == "REQUEST_UNSIGNED"


@REQUIRED
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_business_call_that_reads_need_not_be_signed(signer: Signer, method: str) -> None:
    assert authorized(signer, business(method, "/orders")).status_code == 204


FORWARDED = {"X-Forwarded-Method": "POST", "X-Forwarded-Uri": "/orders?x=%E4%BD%A0"}


@pytest.mark.settings(WXLOGIN_AUTH_SIGNING="required", WXLOGIN_AUTH_ORIGINAL="x-forwarded")
def test_the_headers_of_other_gateways_count_where_the_setting_says_so(
    site: Site, signer: Signer
) -> None:
    told = {**FORWARDED, "X-Wxlogin-Content-SHA256": hashlib.sha256(BODY).hexdigest()}
    signed = signer.sign("POST", "/orders?x=%E4%BD%A0", BODY)
    assert authorized(signer, signed | told).status_code == 204
    assert site.problem(authorized(signer, FORWARDED)) == "REQUEST_UNSIGNED"
    assert authorized(signer, {"X-Forwarded-Method": "GET"}).status_code == 204


@pytest.mark.parametrize(
    ("believed", "forged"),
    [
        ("x-original", {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/orders"}),
        ("x-forwarded", business("GET", "/orders")),
    ],
)
def test_headers_that_the_gateway_does_not_set_are_not_believed(
    make_site: Callable[..., Site], believed: str, forged: dict[str, str]
) -> None:
    site = make_site(WXLOGIN_AUTH_SIGNING="required", WXLOGIN_AUTH_ORIGINAL=believed)
    signer = Signer(Phone(site))
    signer.phone.login()
    assert site.problem(authorized(signer, forged)) == "REQUEST_UNSIGNED"
    signed = signer.sign("GET", "/orders")
    assert site.problem(authorized(signer, signed | forged)) == "REQUEST_SIGNATURE_INVALID"


def test_both_kinds_of_signing_are_set_apart(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_REQUEST_SIGNING="required", WXLOGIN_AUTH_SIGNING="optional")
    signer = Signer(Phone(site))
    signer.phone.login()
    assert authorized(signer, business("POST", "/orders")).status_code == 204
    assert site.problem(signer.phone.ask("POST", "/v1/logout")) == "REQUEST_UNSIGNED"


@REQUIRED
def test_a_refusal_stands_in_a_header_too_which_is_all_that_nginx_keeps(
    site: Site, signer: Signer
) -> None:
    refused = authorized(signer, {})
    assert site.problem(refused) == "REQUEST_UNSIGNED"
    assert json.loads(refused.headers["X-Wxlogin-Problem"]) == refused.json()
    elsewhere = signer.send("GET", "/v1/sessions/none", b"", {})
    assert "X-Wxlogin-Problem" not in elsewhere.headers
