"""deploy/nginx.conf under a real nginx: what passes and what does not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from tests.deploy.nginx.raw_client import sent
from tests.harness.nginx import Backend, Nginx, bearer, hash_of
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.web_page import WebPage, signed_in

ID = {"X-Request-Id": "of-this-test"}
MONITOR = "a-token-of-the-monitors"

# What passes


def test_a_signed_in_call_reaches_the_backend_with_who_asks(phone: Phone, backend: Backend) -> None:
    body = b"x" * 300_000
    answer = phone.ask("POST", "/orders?b=%E4%BD%A0&a", data=body, headers=ID)
    assert (answer.status_code, answer.text) == (200, "from the backend")
    (got,) = backend.got
    assert (got.method, got.target, got.body) == ("POST", "/orders?b=%E4%BD%A0&a", body)
    assert got.headers["X-Wxlogin-User"] == phone.user_id
    assert got.headers["X-Wxlogin-Session"] == phone.session_id
    assert got.headers["X-Wxlogin-App"] == phone.site.settings.wx_appid
    assert got.headers["X-Request-Id"] == "of-this-test"
    assert len(got.headers["X-Wxlogin-Person"]) == 22
    assert "Authorization" not in got.headers
    assert "X-Wxlogin-External-Id" not in got.headers


def test_the_team_s_own_id_reaches_the_backend(phone: Phone, backend: Backend) -> None:
    site = phone.site
    with site.app.app_context():
        site.services.accounts.external_ids.link(phone.user_id, "u-1001")
    phone.ask("GET", "/orders", headers={"X-Wxlogin-External-Id": "forged"})
    assert backend.got[0].headers["X-Wxlogin-External-Id"] == "u-1001"


@pytest.mark.parametrize("status", [401, 403, 404, 413, 431, 500, 502, 503])
def test_what_the_backend_answers_stays_as_it_is(
    phone: Phone, backend: Backend, status: int
) -> None:
    backend.status = status
    answer = phone.ask("GET", "/orders")
    assert (answer.status_code, answer.text) == (status, "from the backend")


def test_wxlogin_sees_the_client_and_not_what_it_says_of_itself(phone: Phone) -> None:
    phone.ask("GET", "/v1/session", headers={"X-Forwarded-For": "203.0.113.9"})
    phone.token = ""
    phone.login()
    sessions = phone.ask("GET", "/v1/sessions").json()["sessions"]
    assert {session["ip"] for session in sessions} == {"127.0.0.1"}
    answer = phone.ask("GET", "/v1/session", headers={"X-Forwarded-Proto": "http"})
    assert answer.ok
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.settings(WXLOGIN_REQUEST_SIGNING="required", WXLOGIN_AUTH_SIGNING="required")
@pytest.mark.parametrize("target", ["/orders?x=%E4%BD%A0&x=1", "/a//b/%2e%2e/c?d=/../e"])
def test_signed_targets_go_through_byte_for_byte(
    site: Site, phone: Phone, backend: Backend, target: str
) -> None:
    body = b'{"n": 1}'
    headers = {**bearer(phone.token), **hash_of(body), **Signer(phone).sign("POST", target, body)}
    told = sent(site, "POST", target, headers.items(), body)
    assert (told.status, told.text) == (200, "from the backend")
    assert (backend.got[0].target, backend.got[0].body) == (target, body)


# wxlogin's own pages


def test_load_balancers_get_the_probes_and_leave_no_line(
    site: Site, direct: str, nginx: Nginx
) -> None:
    for path in ("/healthz", "/readyz"):
        answer = site.request("GET", path)
        assert (answer.status_code, answer.text) == (
            200,
            requests.get(direct + path, timeout=30).text,
        )
    site.request("GET", "/v1/session", headers=ID)
    nginx.line_of("of-this-test")
    assert [line["path"] for line in nginx.told] == ["/v1/session"]


def test_the_api_s_pages_are_whole(site: Site, nginx: Nginx) -> None:
    page = site.request("GET", "/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(parts) > 2
    for path in [*parts, "/v1/openapi.json"]:
        assert site.request("GET", path).status_code == 200


def test_a_browser_is_let_in_through_it(site: Site, phone: Phone) -> None:
    page = site.request("GET", "/scan/")
    parts = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(parts) == 2
    for path in parts:
        assert site.request("GET", path).status_code == 200
    web = WebPage(site)
    web.begin()
    assert web.picture().headers["Content-Type"] == "image/png"
    signed_in(web, phone)


@pytest.mark.settings(WXLOGIN_METRICS_TOKEN=MONITOR)
def test_a_monitor_with_the_token_reads_the_numbers(site: Site, nginx: Nginx) -> None:
    answer = site.request("GET", "/metrics", headers=bearer(MONITOR))
    assert answer.status_code == 200
    assert "wxlogin_request_seconds_count" in answer.text


@pytest.mark.settings(WXLOGIN_METRICS_TOKEN=MONITOR)
def test_nobody_else_passes_for_a_monitor_beside(
    site: Site, phone: Phone, backend: Backend
) -> None:
    claims = [
        (),
        (("X-Forwarded-For", "127.0.0.1"),),
        (("X-Forwarded-For", ""), ("X-Forwarded-Proto", ""), ("X-Real-IP", "::1")),
        (("X_Forwarded_For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1")),
    ]
    for path in ("/metrics", "/%6detrics", "//metrics", "/metrics?x=1", "/v1/%2e%2e/metrics"):
        for claim in claims:
            told = sent(site, "GET", path, [*bearer(phone.token).items(), *claim])
            assert (told.status, told.document["code"]) == (404, "NOT_FOUND")
    assert backend.got == []


# What does not


def test_large_bodies_are_refused_before_wxlogin(site: Site, phone: Phone) -> None:
    answer = phone.ask("POST", "/v1/logout", data=b"x" * 262_145, headers=ID)
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"


def test_bodies_too_large_for_the_backend_are_refused(
    site: Site, make_nginx: Callable[..., Nginx], direct: str, backend: Backend
) -> None:
    make_nginx(direct, {"client_max_body_size 10m;": "client_max_body_size 300k;"})
    answer = site.request("POST", "/orders", data=b"x" * 307_201, headers=ID)
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"
    # That a body without a length is too large shows when wxlogin has let the call in.
    phone = Phone(site)
    phone.login()
    answer = phone.ask("POST", "/orders", data=(b"x" * 9_000 for _ in range(35)), headers=ID)
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"
    assert backend.got == []


def test_the_gate_is_not_to_be_asked_from_outside(site: Site, phone: Phone) -> None:
    assert phone.ask("GET", "/_wxlogin").status_code == 404


def test_http_leads_to_https(site: Site, nginx: Nginx) -> None:
    answer = requests.post(
        f"http://127.0.0.1:{nginx.plain_port}/v1/login?x=1", timeout=30, allow_redirects=False
    )
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/v1/login?x=1"


def test_the_proof_for_a_certificate_is_served_over_http(site: Site, nginx: Nginx) -> None:
    proof = nginx.directory / ".well-known/acme-challenge/of-this-test"
    proof.parent.mkdir(parents=True)
    proof.write_text("proof")
    base = f"http://127.0.0.1:{nginx.plain_port}"
    assert sent(site, "GET", "/.well-known/acme-challenge/of-this-test", base=base).text == "proof"
    assert (
        sent(site, "GET", "/.well-known/acme-challenge/../../wxlogin.log", base=base).status == 308
    )


@pytest.mark.parametrize(
    "target", ["/v1/session", "/.well-known/acme-challenge/none", "/%", "/" + "a" * 9000]
)
def test_no_port_tells_the_version(site: Site, nginx: Nginx, target: str) -> None:
    bases = (nginx.base, f"http://127.0.0.1:{nginx.plain_port}", f"http://127.0.0.1:{nginx.port}")
    for base in bases:
        told = sent(site, "GET", target, base=base)
        assert told.headers["Server"] == "nginx"
        assert "nginx/" not in told.text
