"""A refusal comes through nginx as wxlogin said it: status, body and headers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests

from tests.harness.nginx import FOLDER, Backend, Nginx, bearer, hash_of
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.signer import Signer
from tests.harness.site import Site
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
    site.app.extensions["wxlogin"].sessions.store.block(phone.user_id, "banned", 4_070_908_800_000)
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
    site: Site, backend: Backend, make_nginx: Callable[..., Nginx]
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
    text = (FOLDER / "refuse.conf").read_text(encoding="utf-8")
    restored = {
        int(judged)
        for judged, told in re.findall(r"status = (\d+)\) { return (\d+) ", text)
        if judged == told
    }
    assert statuses - {204} <= restored | {503}
