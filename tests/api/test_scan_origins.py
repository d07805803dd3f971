"""Which pages may call from a browser, and the ready page that they open or frame."""

from __future__ import annotations

import re

import pytest
import requests

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.web_page import WebPage, said

OURS, OTHERS = "https://www.example.com", "https://evil.example"
ALLOWED = pytest.mark.settings(WXLOGIN_WEB_ORIGINS=f"{OURS}, https://shop.example:8443")


def asked(site: Site, path: str, origin: str) -> requests.Response:
    """What a browser is told that asks whether a page may call."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    return site.request("OPTIONS", path, headers=headers)


def allowed(answer: requests.Response) -> str | None:
    """The origin that may read an answer."""
    return answer.headers.get("Access-Control-Allow-Origin")


def policy(answer: requests.Response) -> str:
    """Who may frame a page."""
    found = re.search("frame-ancestors ([^;]*)", answer.headers["Content-Security-Policy"])
    assert found
    return found[1]


@ALLOWED
@pytest.mark.parametrize("path", ["/v1/scan", f"/v1/scan/{'A' * 22}/token"])
def test_a_page_of_an_allowed_origin_may_call(site: Site, path: str) -> None:
    answer = asked(site, path, OURS)
    assert answer.ok
    assert allowed(answer) == OURS
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@ALLOWED
def test_a_page_of_an_allowed_origin_reads_answers_and_refusals(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site, Origin=OURS)
    begun = page.try_begin()
    assert allowed(begun) == OURS
    page.begin()
    waits, wrong = page.try_fetch(), page.try_fetch("wxq_wrong")
    said(phone, page.scan, "confirm")
    answers = [waits, wrong, page.try_fetch(), page.try_fetch()]
    assert [answer.status_code for answer in answers] == [202, 404, 200, 410]
    assert {allowed(answer) for answer in answers} == {OURS}
    assert "Retry-After" in waits.headers["Access-Control-Expose-Headers"]
    site.tokens.add(begun.json()["secret"])


@ALLOWED
@pytest.mark.parametrize(
    "origin",
    [OTHERS, "null", "", f"{OURS}.evil.example", f"{OURS}:444", "https://example.com", "*"],
)
def test_no_other_page_may_call(site: Site, origin: str) -> None:
    assert allowed(asked(site, "/v1/scan", origin)) is None
    answer = WebPage(site, Origin=origin).try_begin()
    assert allowed(answer) is None
    assert "Origin" in answer.headers["Vary"]
    site.tokens.add(answer.json()["secret"])


def test_without_the_setting_no_page_may_call(site: Site) -> None:
    assert allowed(asked(site, "/v1/scan", OURS)) is None


@ALLOWED
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/v1/scan/{'A' * 22}"),
        ("POST", f"/v1/scan/{'A' * 22}/confirm"),
        ("POST", f"/v1/scan/{'A' * 22}/refuse"),
        ("POST", "/v1/login"),
        ("GET", "/v1/session"),
    ],
)
def test_nothing_but_a_page_s_own_calls_is_open_to_it(site: Site, method: str, path: str) -> None:
    assert allowed(asked(site, path, OURS)) is None
    assert allowed(site.request(method, path, headers={"Origin": OURS})) is None


# The ready page


@ALLOWED
def test_the_ready_page_is_strict_and_framed_by_allowed_origins_alone(site: Site) -> None:
    answer = site.request("GET", f"/scan/?origin={OURS}")
    assert answer.status_code == 200
    assert policy(answer) == f"'self' {OURS} https://shop.example:8443"
    csp = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in csp
    assert "unsafe" not in csp
    assert not re.search(r"<script(?! src=)| style=| on\w+=", answer.text)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_the_setting_nobody_frames_the_ready_page(site: Site) -> None:
    assert policy(site.request("GET", "/scan/")) == "'self'"
    assert policy(site.request("GET", "/docs")) == "'none'"


@ALLOWED
@pytest.mark.parametrize(
    ("query", "receiver"),
    [(f"?origin={OURS}", OURS), (f"?origin={OTHERS}", ""), ("", ""), ("?origin=*", "")],
)
def test_only_an_allowed_origin_is_handed_a_session(site: Site, query: str, receiver: str) -> None:
    text = site.request("GET", f"/scan/{query}").text
    assert f'data-receiver="{receiver}"' in text
    assert OTHERS not in text


@pytest.mark.settings(WXLOGIN_WEB_ORIGINS=OURS)
def test_the_only_origin_need_not_be_named(site: Site) -> None:
    assert f'data-receiver="{OURS}"' in site.request("GET", "/scan").text


LANGUAGES = [
    ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
    ("", "en-GB,en;q=0.9", "en"),
    ("", "fr", "en"),
    ("", "", "en"),
    ("", "zh," * 500, "en"),
    ("?lang=zh", "en", "zh-CN"),
    ("?lang=zh-CN", "en", "zh-CN"),
    ("?lang=en", "zh", "en"),
    ("?lang=%22%3E", "zh", "zh-CN"),
]


def test_the_ready_page_speaks_the_visitor_s_language(
    site: Site, subtests: pytest.Subtests
) -> None:
    for query, accepted, language in LANGUAGES:
        with subtests.test(query=query, accepted=accepted, language=language):
            answer = site.request("GET", f"/scan/{query}", headers={"Accept-Language": accepted})
            assert f'<html lang="{language}">' in answer.text
            assert ("微信扫码登录" in answer.text) == (language == "zh-CN")
            assert "Accept-Language" in answer.headers["Vary"]


def test_words_of_the_query_are_escaped(site: Site) -> None:
    answer = site.request("GET", "/scan/?appid=%22%3E%3Cscript%3E")
    assert "<script>" not in answer.text
