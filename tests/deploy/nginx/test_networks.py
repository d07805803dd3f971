"""Who may ask what from where, and whose word on that counts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

import pytest

from tests.deploy.nginx.raw_client import Told, sent
from tests.harness.balancer import ADDRESS, Balancer
from tests.harness.nginx import Backend, Nginx, bearer
from tests.harness.phone import Phone
from tests.harness.site import Site

ONE, OTHER = "127.0.0.2", "127.0.0.3"
NEAR_IS_ELSEWHERE = {"127.0.0.0/8 ours;": f"{ONE} ours;"}
BALANCED = {
    "# set_real_ip_from 10.0.0.0/28;": f"set_real_ip_from {ADDRESS};",
    "# real_ip_header X-Forwarded-For;": "real_ip_header X-Forwarded-For;",
}
CALLS = [
    "/v1/introspect",
    "/v1/service/identity",
    "/v1/service/later",
    "//v1//introspect",
    "/v1/%69ntrospect",
    "/v1/x/../introspect",
    "/v1/service/./identity?x=/v1/login",
]
FORGED = [("X-Forwarded-For", f"{ONE}, {ONE}"), ("X-Real-IP", ONE), ("X_Forwarded_For", ONE)]


def code_of(told: Told) -> str:
    """The code of a refusal."""
    return str(told.document["code"])


# Service calls and the console


def test_service_calls_are_closed_to_the_internet(
    site: Site, make_nginx: Callable[..., Nginx], direct: str
) -> None:
    make_nginx(direct, NEAR_IS_ELSEWHERE)
    for path in CALLS:
        told = sent(site, "POST", path, FORGED, b"token=x", source=OTHER)
        assert (told.status, code_of(told)) == (403, "FORBIDDEN"), path
    assert not any("access_log" in line for line in site.log.lines)


def test_service_calls_are_open_to_the_networks_that_are_named(
    site: Site, make_nginx: Callable[..., Nginx], direct: str
) -> None:
    make_nginx(direct, NEAR_IS_ELSEWHERE)
    for path in ("/v1/introspect", "/v1/service/identity"):
        assert code_of(sent(site, "POST", path, source=ONE)) == "TOKEN_MISSING"
    assert code_of(sent(site, "GET", "/v1/session", source=OTHER)) == "TOKEN_MISSING"


def test_private_networks_may_make_them_as_delivered(site: Site, nginx: Nginx) -> None:
    assert code_of(sent(site, "POST", "/v1/introspect", source=OTHER)) == "TOKEN_MISSING"


def test_behind_a_balancer_that_is_not_named_nobody_is_near(
    site: Site,
    make_nginx: Callable[..., Nginx],
    make_balancer: Callable[[str], Balancer],
    direct: str,
) -> None:
    make_balancer(make_nginx(direct).base)
    assert code_of(sent(site, "POST", "/v1/introspect", source=OTHER)) == "FORBIDDEN"
    assert code_of(sent(site, "GET", "/v1/session", source=OTHER)) == "TOKEN_MISSING"


def test_the_console_is_open_until_networks_are_named(
    site: Site, make_nginx: Callable[..., Nginx], direct: str
) -> None:
    make_nginx(direct)
    assert sent(site, "GET", "/admin/api/me", source=OTHER).status == 401
    named = {"default everybody;": "default nobody;", "# 192.0.2.0/24 ours;": f"{ONE} ours;"}
    make_nginx(direct, named)
    assert sent(site, "GET", "/admin/api/me", source=ONE).status == 401
    for path in ("/admin/api/me", "/admin/", "/%61dmin/api/me"):
        assert code_of(sent(site, "GET", path, FORGED, source=OTHER)) == "FORBIDDEN"


# A load balancer in front


@pytest.fixture
def balanced(
    make_nginx: Callable[..., Nginx], make_balancer: Callable[[str], Balancer], direct: str
) -> Balancer:
    """A balancer that asks over HTTPS, and is named."""
    return make_balancer(make_nginx(direct, BALANCED | NEAR_IS_ELSEWHERE).base)


@pytest.fixture
def balanced_in_clear(
    make_nginx: Callable[..., Nginx], make_balancer: Callable[[str], Balancer], direct: str
) -> Nginx:
    """The nginx behind a balancer that ends TLS itself."""
    nginx = make_nginx(direct, {**BALANCED, **NEAR_IS_ELSEWHERE, "# listen 127": "listen 127"})
    make_balancer(f"http://127.0.0.1:{nginx.clear_port}")
    return nginx


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_IP="2/minute")
@pytest.mark.parametrize("way", ["balanced", "balanced_in_clear"])
def test_limits_count_the_client_in_front_of_the_balancer(
    request: pytest.FixtureRequest, site: Site, way: str
) -> None:
    request.getfixturevalue(way)

    def login(source: str, claimed: str) -> str:
        forged = [("X-Forwarded-For", claimed), ("Content-Type", "application/json")]
        body = json.dumps({"code": secrets.token_hex(16)}).encode()
        return code_of(sent(site, "POST", "/v1/login", forged, body, source=source))

    claims = ("203.0.113.1", "203.0.113.2, 198.51.100.7", "127.0.0.1")
    assert [login(ONE, claim) for claim in claims] == ["CODE_INVALID"] * 2 + ["RATE_LIMITED"]
    assert login(OTHER, ONE) == "CODE_INVALID"


@pytest.mark.parametrize("way", ["balanced", "balanced_in_clear"])
def test_all_hear_of_the_client_in_front_of_the_balancer(
    request: pytest.FixtureRequest, site: Site, backend: Backend, way: str
) -> None:
    request.getfixturevalue(way)
    phone = Phone(site)
    phone.login()
    headers = [*bearer(phone.token).items(), ("X-Forwarded-For", "203.0.113.9")]
    assert sent(site, "GET", "/orders", headers, source=ONE).status == 200
    assert backend.got[0].headers["X-Forwarded-For"] == ONE
    assert backend.got[0].headers["X-Forwarded-Proto"] == "https"


def test_service_calls_are_closed_to_the_internet_behind_a_balancer_too(
    site: Site, balanced: Balancer
) -> None:
    assert code_of(sent(site, "POST", "/v1/introspect", FORGED, source=OTHER)) == "FORBIDDEN"
    assert code_of(sent(site, "POST", "/v1/introspect", source=ONE)) == "TOKEN_MISSING"


def test_nobody_but_the_balancer_is_believed(site: Site, balanced_in_clear: Nginx) -> None:
    claims = [("X-Forwarded-For", ONE), ("X-Forwarded-Proto", "https")]
    clear = f"http://127.0.0.1:{balanced_in_clear.clear_port}"
    told = sent(site, "GET", "/v1/session", claims, base=clear, source=OTHER)
    assert code_of(told) == "HTTPS_REQUIRED"
    told = sent(site, "POST", "/v1/introspect", claims, base=balanced_in_clear.base, source=OTHER)
    assert code_of(told) == "FORBIDDEN"


def test_a_balancer_that_says_http_is_believed(site: Site, balanced_in_clear: Nginx) -> None:
    claims = [("X-Forwarded-For", OTHER), ("X-Forwarded-Proto", "http")]
    base = balanced_in_clear.base
    told = sent(site, "GET", "/v1/session", claims, base=base, source=ADDRESS)
    assert code_of(told) == "HTTPS_REQUIRED"
