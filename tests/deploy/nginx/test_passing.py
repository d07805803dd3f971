"""deploy/nginx.conf under a real nginx: what passes, what does not, what is logged."""

from __future__ import annotations

import http.client
import json
import re
import ssl
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.harness.nginx import Backend, Nginx, bearer, hash_of
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.harness.timing import eventually

ID = {"X-Request-Id": "of-this-test"}


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


# What does not


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
