"""`GET /v1/auth`, which is answered in front of Flask: as Flask would, and no less guarded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests import Response

from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.guard.front import ENDPOINT, PATH
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
]


def ask(phone: Phone, *, body: bytes = b"", **headers: str) -> Response:
    """The call; with a body it is left to Flask."""
    kind = {"Content-Type": "application/json"} if body else {}
    return phone.ask("GET", PATH, data=body, headers={**BEHIND_PROXY, **kind, **headers})


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


def test_the_path_is_that_of_the_view(site: Site) -> None:
    assert site.app.url_map.bind("").match(PATH, "GET") == (ENDPOINT, {})


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_answer_is_byte_for_byte_that_of_flask(
    make_site: Callable[..., Site], settings: dict[str, str]
) -> None:
    site = make_site(**settings)
    flask: list[str] = []
    site.app.before_request(lambda: flask.append("asked"))
    phone = signed_in(site)
    flask.clear()
    answer = ask(phone)
    assert (answer.status_code, flask) == (204, [])
    assert said(answer) == said(ask(phone, body=b"{}"))
    assert flask == ["asked"]


def test_both_ways_leave_the_same_line(site: Site) -> None:
    phone = signed_in(site)
    site.log.lines.clear()
    ask(phone)
    ask(phone, body=b"{}")
    front, flask = [line.split(", 'ms'")[0] for line in site.log.lines if "'request'" in line]
    assert front == flask
    assert f"'path': '{PATH}'" in front


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_a_refusal_is_counted_once(site: Site) -> None:
    phone = Phone(site)
    phone.token = "wxs_" + "A" * 108
    refusals = [site.problem(ask(phone)) for _ in range(5)]
    assert refusals == ["TOKEN_INVALID"] * 4 + ["RATE_LIMITED"]


@pytest.mark.settings(WXLOGIN_LIMIT_API_OPENID="2/minute")
def test_a_call_is_charged_once(site: Site) -> None:
    phone = signed_in(site)
    assert [ask(phone).status_code for _ in range(3)] == [204, 204, 429]


def test_a_body_that_is_no_json_is_refused(site: Site) -> None:
    assert site.problem(ask(signed_in(site), body=b"{")) == "INVALID_REQUEST"


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_answer_that_would_hold_a_secret_is_stopped(site: Site, body: bytes) -> None:
    phone = signed_in(site)
    user = ask(phone).headers["X-Wxlogin-User"]
    leak_guard.register("access_token", APPID, user)
    answer = ask(phone, body=body)
    leak_guard.register("access_token", APPID, "x" * 64)
    assert site.problem(answer) == "INTERNAL"
    assert user not in repr(answer.headers)
