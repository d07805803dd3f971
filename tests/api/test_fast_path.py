"""Calls that are answered in front of Flask: as Flask would, and no less guarded."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from requests import Response

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.guard.fast_path import ENDPOINT, PATH, FastPathMiddleware
from wxlogin.login import SESSION_PATH
from wxlogin.vault.leak_guard import leak_guard

BEHIND_PROXY = {
    "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Request-Id": "of-this-test",
}
SETTINGS = [
    {},
    {"WXLOGIN_TRUSTED_HOPS": "1"},
    {"WXLOGIN_TRUSTED_HOPS": "1", "WXLOGIN_REQUIRE_HTTPS": "on"},
    {"WXLOGIN_AUTH_SIGNING": "off"},
    {"WXLOGIN_REQUEST_SIGNING": "required"},
]


BY_FLASK = "HEAD"
"""The method of the calls that is left to Flask."""
BOTH = pytest.mark.parametrize("path", [PATH, SESSION_PATH])
ELSEWHERE = ["/", "/orders/1", "//a", "/v1/login", "/%E4%BD%A0?code=1", "/" + "a" * 3000]


def ask(phone: Phone, method: str = "GET", under: str = "", path: str = PATH) -> Response:
    """The call, as a gateway behind the proxies makes it."""
    return phone.ask(method, path + under, headers=BEHIND_PROXY)


def said(answer: Response) -> tuple[int, str, list[tuple[str, str]], bytes]:
    """All that an answer says, the server's own time aside."""
    headers = [(name, value) for name, value in answer.raw.headers.items() if name != "Date"]
    return answer.status_code, answer.reason, headers, answer.content


def signed_in(site: Site) -> Phone:
    """Alice's phone, behind the proxies."""
    phone = Phone(site)
    body = {"code": phone.code()}
    phone.token = site.request("POST", "/v1/login", json=body, headers=BEHIND_PROXY).json()["token"]
    site.tokens.add(phone.token)
    return phone


def test_the_paths_are_those_of_the_views(site: Site) -> None:
    fast_path = cast("FastPathMiddleware", site.app.wsgi_app)
    endpoints = {PATH: ENDPOINT} | {path: call.endpoint for path, call in fast_path.calls.items()}
    urls = site.app.url_map.bind("")
    assert {path: urls.match(path, "GET")[0] for path in endpoints} == endpoints


@BOTH
@pytest.mark.parametrize("settings", SETTINGS)
def test_the_answer_is_that_of_flask_header_by_header(
    make_site: Callable[..., Site], settings: dict[str, str], path: str
) -> None:
    site = make_site(**settings)
    flask: list[str] = []
    site.app.before_request(lambda: flask.append("asked"))
    phone = signed_in(site)
    flask.clear()
    answer = ask(phone, path=path)
    assert (answer.ok, flask) == (True, [])
    assert said(answer)[:3] == said(ask(phone, BY_FLASK, path=path))[:3]
    assert flask == ["asked"]


def test_a_content_type_without_a_body_is_answered_in_front_too(site: Site) -> None:
    flask: list[str] = []
    site.app.before_request(lambda: flask.append("asked"))
    phone = signed_in(site)
    flask.clear()
    as_wx_request_does = {**BEHIND_PROXY, "Content-Type": "application/json"}
    answer = phone.ask("GET", SESSION_PATH, headers=as_wx_request_does)
    assert said(answer) == said(ask(phone, path=SESSION_PATH))
    assert flask == []


@pytest.mark.parametrize("not_bare", [{"Content-Length": "0"}, {"X-Wxlogin-Nonce": "n"}])
def test_a_session_is_told_as_flask_tells_it(site: Site, not_bare: dict[str, str]) -> None:
    flask: list[str] = []
    site.app.before_request(lambda: flask.append("asked"))
    phone = signed_in(site)
    flask.clear()
    answer = ask(phone, path=SESSION_PATH)
    assert (answer.status_code, flask) == (200, [])
    by_flask = phone.ask("GET", SESSION_PATH, headers={**BEHIND_PROXY, **not_bare})
    assert flask == ["asked"]
    if by_flask.ok:
        assert said(answer) == said(by_flask)
    else:
        assert site.problem(by_flask) == "REQUEST_UNSIGNED"


@BOTH
def test_both_ways_leave_the_same_line(site: Site, path: str) -> None:
    phone = signed_in(site)
    site.log.lines.clear()
    ask(phone, path=path)
    ask(phone, BY_FLASK, path=path)
    front, flask = [line.split(", 'ms'")[0] for line in site.log.lines if "'request'" in line]
    assert front == flask.replace(BY_FLASK, "GET")
    assert f"'path': '{path}'" in front


@BOTH
@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_a_refusal_is_counted_once(site: Site, path: str) -> None:
    phone = Phone(site)
    phone.token = "wxs_" + "A" * 108
    refusals = [site.problem(ask(phone, path=path)) for _ in range(5)]
    assert refusals == ["TOKEN_INVALID"] * 4 + ["RATE_LIMITED"]


@BOTH
@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute")
def test_a_call_is_charged_once(site: Site, path: str) -> None:
    phone = signed_in(site)
    assert [ask(phone, path=path).ok for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_a_gateway_may_keep_the_method_and_the_body_of_the_business_call(
    site: Site, method: str
) -> None:
    phone = signed_in(site)
    body = {"Content-Type": "text/plain", "Content-Length": "3"}
    answer = phone.ask(method, PATH, data=b"{\x00}", headers={**BEHIND_PROXY, **body})
    assert answer.status_code == 204
    assert said(answer) == said(ask(phone))


@pytest.mark.parametrize("under", ELSEWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_gateway_may_append_the_path_of_the_business_call(
    site: Site, method: str, under: str
) -> None:
    phone = signed_in(site)
    assert said(ask(phone, method, under)) == said(ask(phone))
    phone.token = ""
    assert site.problem(ask(phone, method, under)) == "TOKEN_MISSING"


def test_a_path_that_only_begins_alike_is_no_gateway_s_call(site: Site) -> None:
    assert site.problem(ask(signed_in(site), under="s")) == "NOT_FOUND"


@BOTH
@pytest.mark.parametrize("method", ["GET", BY_FLASK])
def test_an_answer_that_would_hold_a_secret_is_stopped(site: Site, method: str, path: str) -> None:
    phone = signed_in(site)
    user = ask(phone).headers["X-Wxlogin-User"]
    leak_guard.register("access_token", APPID, user)
    answer = ask(phone, method, path=path)
    leak_guard.register("access_token", APPID, "x" * 64)
    assert (answer.status_code, answer.headers["X-Wxlogin-Error"]) == (500, "INTERNAL")
    assert user not in repr(answer.headers)
