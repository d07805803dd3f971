"""Transport: HTTPS where it is required, the client's address, the headers of every answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.guard.client_address import over_https

BEHIND_ONE = pytest.mark.settings(WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="1")
HTTPS = {"X-Forwarded-Proto": "https"}
ANSWERS = [
    ("GET", "/healthz", 200),
    ("GET", "/docs", 200),
    ("GET", "/docs/static/docs.js", 200),
    ("GET", "/v1/openapi.json", 200),
    ("GET", "/v1/session", 401),
    ("GET", "/nowhere", 404),
    ("PATCH", "/v1/login", 405),
    ("POST", "/v1/login", 415),
]
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@pytest.mark.parametrize(
    ("hops", "forwarded", "scheme", "https"),
    [
        (0, "", "https", True),
        (0, "https", "http", False),
        (1, "https", "http", True),
        (1, "HTTPS", "http", True),
        (1, "http", "https", False),
        (1, "", "https", False),
        (1, "https, http", "http", False),
        (1, "http, https", "http", True),
        (2, "https, http", "http", True),
        (2, "https, http, http", "http", False),
        (2, "https", "http", True),
        (2, "http", "http", False),
        (3, "https, https", "http", False),
        (3, "https,", "http", False),
    ],
)
def test_https_is_judged_at_the_client_s_own_hop(
    hops: int, forwarded: str, scheme: str, https: bool
) -> None:
    assert over_https(hops, forwarded, scheme) is https


@BEHIND_ONE
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/login"), ("GET", "/v1/session"), ("GET", "/nowhere")]
)
def test_what_came_in_clear_is_refused_before_anything_else(
    site: Site, method: str, path: str
) -> None:
    answer = site.request(method, path, headers={"Authorization": "Bearer forged"}, data=b"{")
    assert site.problem(answer) == "HTTPS_REQUIRED"
    assert "Strict-Transport-Security" not in answer.headers
    spoofed = site.request(method, path, headers={"X-Forwarded-Proto": "https, http"})
    assert site.problem(spoofed) == "HTTPS_REQUIRED"


@pytest.mark.settings(
    WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_LIMIT_FAIL_IP="1/hour"
)
def test_https_is_judged_before_the_limits(site: Site) -> None:
    for _ in range(3):
        site.request("GET", "/nowhere", headers=HTTPS)
    assert site.problem(site.request("GET", "/nowhere", headers=HTTPS)) == "RATE_LIMITED"
    assert site.problem(site.request("GET", "/nowhere")) == "HTTPS_REQUIRED"


@BEHIND_ONE
def test_what_came_over_https_is_served_and_pinned_to_it(site: Site) -> None:
    answer = site.request("GET", "/v1/openapi.json", headers=HTTPS)
    assert answer.ok
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    refused = site.request("GET", "/v1/session", headers=HTTPS)
    assert site.problem(refused) == "TOKEN_MISSING"
    assert "Strict-Transport-Security" in refused.headers


@BEHIND_ONE
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_may_come_in_clear(site: Site, path: str) -> None:
    assert site.request("GET", path).ok


@pytest.mark.settings(WXLOGIN_REQUIRE_HTTPS="on", WXLOGIN_TRUSTED_HOPS="0")
def test_without_proxies_a_header_makes_no_https(site: Site) -> None:
    assert site.problem(site.request("GET", "/docs", headers=HTTPS)) == "HTTPS_REQUIRED"


def test_where_https_is_not_required_nothing_is_pinned_to_it(site: Site) -> None:
    assert "Strict-Transport-Security" not in site.request("GET", "/docs", headers=HTTPS).headers


def test_every_answer_protects_itself(site: Site, subtests: pytest.Subtests) -> None:
    for method, path, status in ANSWERS:
        with subtests.test(method=method, path=path, status=status):
            answer = site.request(method, path, data=b"x" if method == "POST" else None)
            assert answer.status_code == status
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            page = answer.headers["Content-Type"].startswith("text/html")
            assert answer.headers["Referrer-Policy"] == ("same-origin" if page else "no-referrer")
            policy = PAGE_POLICY if page else "default-src 'none'; frame-ancestors 'none'"
            # The reference of the API sets styles by a script, each under the nonce of its page.
            given = re.sub(r" 'nonce-[\w-]{22}'", "", answer.headers["Content-Security-Policy"])
            assert given == policy
            kept = "no-cache" if path.startswith("/docs/static/") else "no-store"
            assert answer.headers["Cache-Control"] == kept


def test_a_path_has_one_form(site: Site) -> None:
    assert site.problem(site.request("GET", "/v1//session")) == "NOT_FOUND"


def test_an_answer_to_a_fault_protects_itself_too(site: Site) -> None:
    site.app.jinja_env.loader = None
    answer = site.request("GET", "/docs")
    assert site.problem(answer) == "INTERNAL"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        ("0", "203.0.113.9", "127.0.0.1"),
        ("1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("2", "203.0.113.9", "127.0.0.1"),
        ("1", "::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_login_keeps_the_address_that_the_trusted_proxies_saw(
    make_site: Callable[..., Site], hops: str, forwarded: str, address: str
) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS=hops)
    phone = Phone(site)
    body = {"code": phone.code()}
    login = site.request("POST", "/v1/login", json=body, headers={"X-Forwarded-For": forwarded})
    phone.token = login.json()["token"]
    site.tokens.add(phone.token)
    assert [s["ip"] for s in phone.ask("GET", "/v1/sessions").json()["sessions"]] == [address]


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_LIMIT_FAIL_IP="3/hour")
def test_a_spoofed_address_escapes_no_limit_and_burdens_nobody(site: Site) -> None:
    def ask(spoofed: str, seen: str) -> int:
        chain = {"X-Forwarded-For": f"{spoofed}, {seen}"}
        return site.request("GET", "/nowhere", headers=chain).status_code

    assert [ask(f"10.0.0.{n}", "203.0.113.9") for n in range(5)][-1] == 429
    assert ask("203.0.113.9", "10.0.0.1") == 404
