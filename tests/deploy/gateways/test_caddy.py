"""deploy/caddy/Caddyfile under a real Caddy: what reaches the backend, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.deploy.gateways.running import in_front, misread
from tests.harness.certificates import certificate
from tests.harness.nginx import Backend, bearer, changed, hash_of
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.house.source import ROOT

CADDYFILE = ROOT / "deploy/caddy/Caddyfile"
SETTINGS = {
    "WXLOGIN_TRUSTED_HOPS": "1",
    "WXLOGIN_REQUIRE_HTTPS": "on",
    "WXLOGIN_AUTH_ORIGINAL": "x-forwarded",
    "WXLOGIN_AUTH_SIGNING": "required",
}
NAMED = (
    "X-Wxlogin-User",
    "X-Wxlogin-App",
    "X-Wxlogin-Session",
    "X-Wxlogin-Person",
    "X-Wxlogin-External-Id",
    "X-Wxlogin-Assertion",
    "X-Wxlogin-Content-SHA256",
)
KEY = "a1:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="


@pytest.fixture
def site(make_site: Callable[..., Site], backend: Backend, tmp_path: Path) -> Iterator[Site]:
    """A wxlogin behind Caddy."""
    binary = shutil.which("caddy")
    if not binary:
        pytest.skip("caddy is not installed (apt-get install caddy)")
    site = make_site(**SETTINGS)
    port = free_port()
    pem = certificate(tmp_path, "caddy")
    key = pem.with_suffix(".key")
    written = changed(
        CADDYFILE.read_text(encoding="utf-8"),
        {
            "login.example.com {": f"https://127.0.0.1:{port} {{\n\ttls {pem} {key}",
            "127.0.0.1:8000": urlsplit(site.base).netloc,
            "127.0.0.1:9000": urlsplit(backend.base).netloc,
        },
    )
    alone = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (tmp_path / "Caddyfile").write_text(alone + written, encoding="utf-8")
    command = [binary, "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
    with in_front(site, command, port, pem) as site:
        yield site


@pytest.mark.parametrize("target", ["/orders?b=%E4%BD%A0&a", "/orders/%E4%BD%A0?x=1"])
def test_a_signed_call_reaches_the_backend_with_who_asks(
    phone: Phone, backend: Backend, target: str
) -> None:
    body = b'{"n": 1}'
    signed = Signer(phone).sign("POST", target, body)
    forged = dict.fromkeys(("X-Wxlogin-User", "X_Wxlogin_User", "X-Wxlogin_User"), "A" * 22)
    forged |= {"X-Wxlogin-External-Id": "somebody", "X-Wxlogin-Assertion": "forged"}
    answer = phone.ask("POST", target, data=body, headers={**signed, **hash_of(body), **forged})
    assert (answer.status_code, answer.text) == (200, "from the backend")
    (got,) = backend.got
    assert (got.method, got.target, got.body) == ("POST", target, body)
    assert got.headers["X-Wxlogin-User"] == phone.user_id
    assert got.headers["X-Wxlogin-Session"] == phone.session_id
    assert got.headers["X-Wxlogin-App"] == phone.site.settings.wx_appid
    assert not {"X-Wxlogin-External-Id", "X-Wxlogin-Assertion"} & set(got.headers)
    assert [name for name in got.headers if "_" in name] == []
    assert "Authorization" not in got.headers


def test_no_spelling_of_our_names_gets_past(phone: Phone, backend: Backend) -> None:
    ours = [name for name in NAMED if name != "X-Wxlogin-Content-SHA256"]
    forged = {*misread(*NAMED)} - {"X-Wxlogin-Content-SHA256"}
    assert len(forged) == 16 + 8 + 4 + 7
    assert phone.ask("GET", "/orders", headers=dict.fromkeys(forged, "forged")).ok
    got = backend.got[-1].headers
    assert "forged" not in got.values()
    assert {name for name in got if name in ours} == set(ours[:4])
    assert got["X-Wxlogin-User"] == phone.user_id


@pytest.mark.settings(WXLOGIN_ASSERTION_KEYS=KEY)
def test_what_only_some_answers_have_reaches_the_backend(phone: Phone, backend: Backend) -> None:
    site = phone.site
    with site.app.app_context():
        site.services.accounts.external_ids.link(phone.user_id, "u-1001")
    phone.login()
    phone.ask("GET", "/orders")
    assert backend.got[-1].headers["X-Wxlogin-External-Id"] == "u-1001"
    site.tokens.add(backend.got[-1].headers["X-Wxlogin-Assertion"])
    assert site.request("GET", "/.well-known/jwks.json").json()["keys"]


def test_a_refusal_comes_back_whole_and_the_backend_hears_nothing(
    site: Site, phone: Phone, backend: Backend
) -> None:
    assert site.problem(phone.ask("POST", "/orders")) == "REQUEST_UNSIGNED"
    unsigned_get = phone.ask("GET", "/orders")
    assert unsigned_get.status_code == 200
    backend.got.clear()
    phone.token = ""
    refused = phone.ask("GET", "/orders")
    assert site.problem(refused) == "TOKEN_MISSING"
    assert refused.json()["action"] == "relogin"
    assert backend.got == []


def test_no_caller_says_what_the_call_was(site: Site, phone: Phone) -> None:
    lies = {
        "X-Forwarded-Method": "GET",
        "X-Original-Method": "GET",
        "X-Forwarded-For": "203.0.113.9",
    }
    assert site.problem(phone.ask("POST", "/orders", headers=lies)) == "REQUEST_UNSIGNED"
    sessions = phone.ask("GET", "/v1/sessions", headers=lies).json()["sessions"]
    assert {session["ip"] for session in sessions} == {"127.0.0.1"}


def test_the_calls_of_services_are_for_private_networks(site: Site) -> None:
    near = site.request("POST", "/v1/introspect", data={"token": "x"}, headers=bearer("wxa_x"))
    assert site.problem(near) == "TOKEN_INVALID"
