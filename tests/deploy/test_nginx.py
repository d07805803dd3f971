"""deploy/nginx.conf under a real nginx: what passes, what is refused and how, what is logged."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.harness.nginx import CONF, Backend, Nginx
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.development.valkey import ValkeyServer

RESTORED = (
    "Content-Type",
    "X-Wxlogin-Error",
    "X-Request-Id",
    "Retry-After",
    "WWW-Authenticate",
    "Cache-Control",
)
ID = {"X-Request-Id": "of-this-test"}


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Somebody's own backend."""
    with Backend() as backend:
        yield backend


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own, which a test may take away."""
    with ValkeyServer(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def site(redis_server: ValkeyServer, make_site: Callable[..., Site]) -> Site:
    """A wxlogin that believes one proxy and wants HTTPS."""
    behind = {"WXLOGIN_TRUSTED_HOPS": "1", "WXLOGIN_REQUIRE_HTTPS": "on"}
    return make_site(WXLOGIN_REDIS_URL=redis_server.url, **behind)


@pytest.fixture
def direct(site: Site) -> str:
    """Where wxlogin listens itself."""
    return site.base


@pytest.fixture
def make_nginx(site: Site, backend: Backend, tmp_path: Path) -> Iterator[Callable[[str], Nginx]]:
    """Puts nginx in front of a wxlogin and the backend; callers go through it from then on."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if not binary or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed (apt-get install nginx-light openssl)")
    running: list[Nginx] = []

    def make(wxlogin: str) -> Nginx:
        running.append(Nginx(binary, tmp_path / "nginx", wxlogin, backend.base))
        running[-1].start()
        site.base, site.verify = running[-1].base, str(running[-1].certificate)
        return running[-1]

    yield make
    for nginx in running:
        nginx.stop()
        assert [token for token in site.tokens if token in nginx.logged] == []


@pytest.fixture
def nginx(make_nginx: Callable[[str], Nginx], direct: str) -> Nginx:
    """nginx in front of the site and the backend."""
    return make_nginx(direct)


@pytest.fixture
def phone(site: Site, nginx: Nginx) -> Phone:
    """Alice's phone, signed in through nginx."""
    phone = Phone(site)
    phone.login()
    return phone


def told_directly(site: Site, direct: str, headers: dict[str, str]) -> requests.Response:
    """What wxlogin says to nginx about a business call."""
    near = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1", **ID}
    original = {"X-Original-Method": "POST", "X-Original-URI": "/orders?id=1"}
    return requests.get(f"{direct}/v1/auth", headers={**near, **original, **headers}, timeout=30)


def is_restored(
    site: Site, direct: str, backend: Backend, headers: dict[str, str]
) -> requests.Response:
    """A refused business call, once its answer is seen to be wxlogin's own."""
    answer = site.request("POST", "/orders?id=1", headers={**headers, **ID}, data=b"{}")
    said = told_directly(site, direct, headers)
    assert (answer.status_code, answer.json()) == (said.status_code, said.json())
    assert [answer.headers.get(name) for name in RESTORED] == [
        said.headers.get(name) for name in RESTORED
    ]
    assert len(answer.raw.headers.getlist("WWW-Authenticate")) == (answer.status_code == 401)
    assert backend.got == []
    return answer


def sent_as_is(
    site: Site, method: str, target: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, str]:
    """The answer to exactly this target, which `requests` would tidy up."""
    context = ssl.create_default_context(cafile=str(site.verify))
    place = urlsplit(site.base).netloc
    with closing(http.client.HTTPSConnection(place, timeout=30, context=context)) as connection:
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def hash_of(body: bytes) -> dict[str, str]:
    """The header that carries a body's hash."""
    return {"X-Wxlogin-Content-SHA256": hashlib.sha256(body).hexdigest()}


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


# What passes


def test_a_signed_in_call_reaches_the_backend_with_who_asks(phone: Phone, backend: Backend) -> None:
    body = b"x" * 300_000
    forged = {"X-Wxlogin-User": "mallory", "X-Forwarded-For": "203.0.113.9", **ID}
    answer = phone.ask("POST", "/orders?b=%E4%BD%A0&a", data=body, headers=forged)
    assert (answer.status_code, answer.text) == (200, "from the backend")
    (got,) = backend.got
    assert (got.method, got.target, got.body) == ("POST", "/orders?b=%E4%BD%A0&a", body)
    assert got.headers["X-Wxlogin-User"] == phone.user_id
    assert got.headers["X-Wxlogin-Session"] == phone.session_id
    assert got.headers["X-Wxlogin-App"] == phone.site.settings.wx_appid
    assert got.headers["X-Forwarded-For"] == "127.0.0.1"
    assert got.headers["X-Request-Id"] == "of-this-test"
    assert "Authorization" not in got.headers


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
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
    assert sent_as_is(site, "POST", target, headers, body) == (200, "from the backend")
    assert (backend.got[0].target, backend.got[0].body) == (target, body)


# What is refused


def test_refusals_for_tokens_are_restored(
    site: Site, direct: str, phone: Phone, backend: Backend
) -> None:
    told = [
        is_restored(site, direct, backend, headers)
        for headers in ({}, bearer("wxs_forged"), bearer("\u00fc"))
    ]
    phone.logout()
    told.append(is_restored(site, direct, backend, bearer(phone.token)))
    site.clock.forward(90_000)
    told.append(is_restored(site, direct, backend, bearer(phone.token)))
    assert [site.problem(answer) for answer in told] == [
        "TOKEN_MISSING",
        *["TOKEN_INVALID"] * 2,
        "SESSION_REVOKED",
        "SESSION_EXPIRED",
    ]


def test_a_ban_is_told_with_its_end(
    site: Site, direct: str, phone: Phone, backend: Backend
) -> None:
    site.app.extensions["wxlogin"].sessions.block(phone.user_id, "banned", 4_070_908_800_000)
    answer = is_restored(site, direct, backend, bearer(phone.token))
    assert site.problem(answer) == "USER_BANNED"
    assert answer.json()["until"].startswith("2099-01-01")


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute")
def test_a_limit_is_told_with_how_long_to_wait(
    site: Site, direct: str, phone: Phone, backend: Backend
) -> None:
    for _ in range(2):
        assert phone.refusal() == ""
    answer = is_restored(site, direct, backend, bearer(phone.token))
    assert site.problem(answer) == "RATE_LIMITED"
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.settings(WXLOGIN_AUTH_SIGNING="required")
def test_refusals_for_signatures_are_restored(
    site: Site, direct: str, phone: Phone, backend: Backend
) -> None:
    signer, who = Signer(phone), bearer(phone.token)
    signed = {**who, **hash_of(b"{}"), **signer.sign("POST", "/orders?id=1", b"{}")}
    late = {**who, **hash_of(b"{}"), **signer.sign("POST", "/orders?id=1", b"{}", skew=-301)}
    assert site.problem(is_restored(site, direct, backend, who)) == "REQUEST_UNSIGNED"
    other = {**signed, "X-Wxlogin-Signature": "0" * 64}
    answer = is_restored(site, direct, backend, other)
    assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"
    expired = is_restored(site, direct, backend, late)
    assert site.problem(expired) == "REQUEST_EXPIRED"
    assert expired.json()["server_time"] == int(site.clock())
    assert site.request("POST", "/orders?id=1", headers=signed, data=b"{}").ok
    backend.got.clear()
    assert site.problem(is_restored(site, direct, backend, signed)) == "REQUEST_REPLAYED"


def test_redis_out_is_told_as_503(
    site: Site, direct: str, phone: Phone, backend: Backend, redis_server: ValkeyServer
) -> None:
    redis_server.stop()
    answer = is_restored(site, direct, backend, bearer(phone.token))
    assert site.problem(answer) == "STORE_UNAVAILABLE"


def test_wxlogin_out_is_told_as_503(
    site: Site, backend: Backend, make_nginx: Callable[[str], Nginx]
) -> None:
    make_nginx(f"http://127.0.0.1:{free_port()}")
    for method, path in (("POST", "/orders"), ("GET", "/v1/session"), ("GET", "/admin/api/me")):
        answer = site.request(method, path, headers=ID)
        assert site.problem(answer) == "STORE_UNAVAILABLE"
        assert answer.headers["Retry-After"] == "2"
    assert backend.got == []


def test_every_status_of_the_call_is_restored(site: Site) -> None:
    answer = site.request("GET", "/v1/openapi.json", headers={"X-Forwarded-Proto": "https"})
    statuses = {int(status) for status in answer.json()["paths"]["/v1/auth"]["get"]["responses"]}
    text = CONF.read_text(encoding="utf-8")
    restored = {
        int(judged)
        for judged, told in re.findall(r"status = (\d+)\) { return (\d+) ", text)
        if judged == told
    }
    assert statuses - {204} == restored | {503}


def test_large_bodies_are_refused_before_wxlogin(site: Site, phone: Phone) -> None:
    answer = phone.ask("POST", "/v1/logout", data=b"x" * 262_145, headers=ID)
    assert site.problem(answer) == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("path", ["/metrics", "/v1/%2e%2e/metrics", "//metrics", "/metrics?x=1"])
def test_numbers_are_not_to_be_had(site: Site, phone: Phone, backend: Backend, path: str) -> None:
    assert sent_as_is(site, "GET", path, bearer(phone.token))[0] == 404
    assert backend.got == []


def test_the_gate_is_not_to_be_asked_from_outside(site: Site, phone: Phone) -> None:
    assert phone.ask("GET", "/_wxlogin").status_code == 404


def test_http_leads_to_https(site: Site, nginx: Nginx) -> None:
    answer = requests.post(
        f"http://127.0.0.1:{nginx.plain_port}/v1/login?x=1", timeout=30, allow_redirects=False
    )
    assert answer.status_code == 308
    assert answer.headers["Location"] == "https://127.0.0.1/v1/login?x=1"


# What is logged


def test_the_log_has_no_query_and_no_token(site: Site, phone: Phone, nginx: Nginx) -> None:
    phone.ask("GET", "/orders?secret=in-the-query", headers=ID)
    site.request("GET", "/v1/session?secret=in-the-query", headers=bearer("wxs_" + "a" * 108))
    site.request("GET", "/orders?secret=in-the-query", headers={"X-Request-Id": "no good"})
    eventually(lambda: len(told(nginx)) == 4)
    lines = told(nginx)[1:]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/orders", 200),
        ("/v1/session", 401),
        ("/orders", 401),
    ]
    assert lines[0]["request_id"] == "of-this-test"
    assert re.fullmatch("[0-9a-f]{32}", lines[-1]["request_id"])
    assert lines[-1]["refused"] == "TOKEN_MISSING"
    assert "in-the-query" not in nginx.logged
    assert "wxs_" not in nginx.logged


def told(nginx: Nginx) -> list[dict[str, Any]]:
    """The lines of its access log."""
    log = (nginx.directory / "wxlogin.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in log.splitlines()]
