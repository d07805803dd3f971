"""The files for Traefik, APISIX and Envoy: what they make of a call, by what their sources do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.deploy.gateways.likeness import Apisix, Envoy, Gateway, Traefik
from tests.deploy.gateways.running import misread
from tests.harness.nginx import Backend, bearer, hash_of
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site

KEY = "a1:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
BEHIND_ALL = {
    "WXLOGIN_REQUIRE_HTTPS": "on",
    "WXLOGIN_AUTH_ORIGINAL": "x-forwarded",
    "WXLOGIN_AUTH_SIGNING": "required",
    "WXLOGIN_ASSERTION_KEYS": KEY,
}
SETTINGS: Mapping[type[Gateway], dict[str, str]] = {
    Traefik: {**BEHIND_ALL, "WXLOGIN_TRUSTED_HOPS": "1"},
    Apisix: {**BEHIND_ALL, "WXLOGIN_TRUSTED_HOPS": "1"},
    Envoy: {**BEHIND_ALL, "WXLOGIN_TRUSTED_HOPS": "2", "WXLOGIN_AUTH_STATUS": "200"},
}
LIES = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Method": "GET",
    "X-Forwarded-Uri": "/harmless",
    "X-Forwarded-Proto": "http",
    "X-Original-Method": "GET",
    "X-Original-URI": "/harmless",
    **dict.fromkeys(("X-Wxlogin-User", "X-Wxlogin-Person", "X-Wxlogin-App"), "forged"),
    **dict.fromkeys(("X-Wxlogin-External-Id", "X-Wxlogin-Session"), "forged"),
    "X-Wxlogin-Assertion": "forged",
}


@pytest.fixture(params=[Traefik, Apisix, Envoy], ids=lambda kind: kind.__name__)
def gateway(
    request: pytest.FixtureRequest, make_site: Callable[..., Site], backend: Backend
) -> Iterator[Gateway]:
    """Each gateway in turn, in front of a wxlogin with the settings that its file names."""
    settings = SETTINGS[request.param]
    site = make_site(**settings)
    with request.param(site, backend.base) as gateway:
        site.base = gateway.base
        yield gateway


@pytest.fixture
def phone(gateway: Gateway) -> Phone:
    """Alice's phone, signed in through the gateway."""
    phone = Phone(gateway.site)
    phone.login()
    return phone


def test_the_file_names_the_settings_that_it_needs(gateway: Gateway) -> None:
    head = gateway.text.split("\n\n")[0]
    own = SETTINGS[type(gateway)].keys() - {*BEHIND_ALL} | {"WXLOGIN_AUTH_ORIGINAL"}
    assert all(f"{name}={SETTINGS[type(gateway)][name]}" in head for name in own)


def test_a_signed_call_reaches_the_backend_with_who_asks_whatever_a_caller_claims(
    gateway: Gateway, phone: Phone, backend: Backend
) -> None:
    target, body = "/orders?b=%E4%BD%A0&a", b'{"n": 1}'
    signed = Signer(phone).sign("POST", target, body)
    answer = phone.ask("POST", target, data=body, headers={**LIES, **signed, **hash_of(body)})
    assert (answer.status_code, answer.text) == (200, "from the backend")
    (got,) = backend.got
    told = {name.lower(): value for name, value in got.headers.items()}
    gateway.site.tokens.add(told["x-wxlogin-assertion"])
    assert (got.method, got.target, got.body) == ("POST", target, body)
    assert told["x-wxlogin-user"] == phone.user_id
    assert told["x-wxlogin-session"] == phone.session_id
    assert told["x-wxlogin-app"] == gateway.site.settings.wx_appid
    assert len(told["x-wxlogin-person"]) == 22
    assert told["x-wxlogin-assertion"].count(".") == 2
    assert "x-wxlogin-external-id" not in told
    assert "authorization" not in told
    assert told["x-wxlogin-content-sha256"] == hash_of(body)["X-Wxlogin-Content-SHA256"]
    assert seen_addresses(phone) == {"127.0.0.1"}


@pytest.mark.parametrize("gateway", [Apisix], indirect=True)
def test_apisix_passes_no_name_on_that_a_backend_takes_for_ours(
    gateway: Gateway, phone: Phone, backend: Backend
) -> None:
    forged = dict.fromkeys(misread("X-Wxlogin-User", "X-Wxlogin-External-Id"), "forged")
    assert phone.ask("GET", "/orders", headers={**forged, "my_header": "stays"}).ok
    told = {name.lower(): value for name, value in backend.got[-1].headers.items()}
    assert "forged" not in told.values()
    assert told["my_header"] == "stays"


def seen_addresses(phone: Phone) -> set[str]:
    """Where wxlogin thinks that a phone is, by what the gateway says."""
    listed = phone.ask("GET", "/v1/sessions", headers={"X-Forwarded-For": "203.0.113.9"})
    return {session["ip"] for session in listed.json()["sessions"]}


def test_wxlogin_counts_the_client_s_own_address(gateway: Gateway, phone: Phone) -> None:
    phone.ask("GET", "/orders", headers=LIES)
    events = [line for line in gateway.site.log.lines if "'path': '/v1/auth" in line]
    assert events
    assert all("'address': '127.0.0.1'" in line for line in events)


def test_a_refusal_comes_back_whole_and_the_backend_hears_nothing(
    gateway: Gateway, phone: Phone, backend: Backend
) -> None:
    site = gateway.site
    for method in ("POST", "PUT", "DELETE"):
        refused = phone.ask(method, "/orders", headers=LIES)
        assert site.problem(refused) == "REQUEST_UNSIGNED"
    token, phone.token = phone.token, ""
    refused = phone.ask("GET", "/orders")
    assert site.problem(refused) == "TOKEN_MISSING"
    assert refused.json()["action"] == "relogin"
    site._server.shutdown()
    site._server.server_close()
    out = phone.ask("GET", "/orders", headers=bearer(token))
    assert out.status_code == (500 if isinstance(gateway, Traefik) else 503)
    assert backend.got == []


def test_wxlogin_s_own_calls_are_not_asked_about_and_service_calls_are_closed(
    gateway: Gateway, phone: Phone, backend: Backend
) -> None:
    assert phone.ask("GET", "/v1/session").json()["user"]["id"] == phone.user_id
    for path in ("/healthz", "/.well-known/jwks.json", "/docs", "/admin/sign-in"):
        assert phone.ask("GET", path).status_code == 200, path
    for path in ("/v1/introspect", "/v1/service/sign"):
        assert phone.ask("POST", path).status_code in (403, 404)
    assert gateway.asked == backend.got == []
