"""The two phones in the browser are for development, and for this machine."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.home import service as home_service
from wxlogin.home.words import WORDS as OF_HOME
from wxlogin.phones.service import are_served
from wxlogin.phones.words import WORDS

ELSEWHERE = {"X-Forwarded-For": "203.0.113.9"}
MADE_UP = re.compile(r"^(fault|rule|state|tour)_")
"""Words whose names the scripts put together."""
PATHS = ("/sandbox/", "/sandbox/client.js", "/sandbox/state", "/sandbox/code", "/sandbox/orders")


def test_without_the_sandbox_there_are_no_phones(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_SANDBOX="off")
    for path in PATHS:
        assert site.problem(site.request("GET", path)) == "NOT_FOUND"


def test_before_wechat_itself_there_are_no_phones(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_WX_API_BASE="https://api.weixin.qq.com")
    for path in PATHS:
        assert site.problem(site.request("GET", path)) == "NOT_FOUND"


def test_other_machines_see_no_phones(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS="1")
    for path in PATHS:
        assert site.problem(site.request("GET", path, headers=ELSEWHERE)) == "FORBIDDEN"
    assert site.request("GET", "/sandbox/state").json() == {"single_device": "off"}


def test_a_name_that_only_leads_here_sees_no_phones(site: Site) -> None:
    for path in PATHS:
        answer = site.request("GET", path, headers={"Host": "rebound.example.com"})
        assert site.problem(answer) == "FORBIDDEN"


def test_a_form_of_another_site_s_page_does_nothing(site: Site) -> None:
    answer = site.request("POST", "/sandbox/orders", data={"name": "redis", "value": "kill"})
    assert site.problem(answer) == "UNSUPPORTED_MEDIA_TYPE"


def test_the_page_may_load_nothing_from_elsewhere_and_no_inline_script(site: Site) -> None:
    answer = site.request("GET", "/sandbox", headers={"Accept-Language": "zh-CN"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert '<html lang="zh-CN">' in answer.text
    assert '<html lang="en">' in site.request("GET", "/sandbox/?lang=en").text


def test_the_phones_run_the_built_file_as_it_is(site: Site) -> None:
    answer = site.request("GET", "/sandbox/client.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert (ROOT / "miniprogram/dist/wxlogin.js").read_text("utf-8") in answer.text


def test_the_sandbox_is_asked_for_what_the_page_needs_and_no_more(site: Site) -> None:
    assert set(site.request("POST", "/sandbox/code", json={"user": "bob"}).json()) == {"code"}
    assert site.request("DELETE", "/sandbox/faults").json() == {"cleared": True}
    assert site.request("POST", "/sandbox/faults", json={"path": "/nothing"}).status_code == 400
    assert site.problem(site.request("GET", "/sandbox/webhooks")) == "NOT_FOUND"


def test_a_sandbox_that_is_gone_is_wechat_that_does_not_answer(site: Site) -> None:
    site.sandbox.stop()
    assert site.problem(site.request("POST", "/sandbox/code", json={})) == "WX_UNAVAILABLE"


@pytest.mark.parametrize(("language", "lead"), [("zh", "登录后端"), ("en", "login backend")])
def test_the_first_page_says_what_runs_here_and_leads_to_the_phones(
    site: Site, language: str, lead: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(home_service, "DOCS_SITE", tmp_path / "none")
    page = site.request("GET", "/", headers={"Accept-Language": language}).text
    assert lead in page
    links = ['href="/sandbox/"', "make site", 'href="/admin/"', 'href="/docs"', 'href="/readyz"']
    places = [page.index(link) for link in links]
    assert places == sorted(places)


@pytest.mark.parametrize(("language", "place"), [("zh", "/docs/"), ("en", "/docs/en/")])
def test_the_first_page_leads_to_the_docs_that_were_built(
    site: Site, language: str, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(home_service, "DOCS_SITE", tmp_path)
    page = site.request("GET", "/", headers={"Accept-Language": language}).text
    assert f'href="{place}"' in page
    assert "make site" not in page


def test_in_production_the_first_page_gives_a_name_and_nothing_else(site: Site) -> None:
    production = site.settings.model_copy(update={"env": "production"})
    assert not are_served(production)
    site.app.extensions["wxlogin"] = dataclasses.replace(site.services, settings=production)
    page = site.request("GET", "/").text
    body = re.sub(r"<[^>]*>", "", page[page.index("<body>") :]).strip()
    assert body == "wxlogin"
    assert "href" not in page[page.index("<body>") :]


def test_both_languages_have_the_same_words_and_all_of_them_are_said() -> None:
    assert set(WORDS["zh"]) == set(WORDS["en"])
    assert set(OF_HOME["zh"]) == set(OF_HOME["en"])
    room = ROOT / "wxlogin/phones"
    sources = [*room.rglob("*.html"), *room.rglob("*.js")]
    said = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    words = [word for word in WORDS["en"] if not MADE_UP.match(word)]
    assert [word for word in words if not re.search(rf'words\.{word}\b|"{word}"', said)] == []
    asked = set(re.findall(r'\{\{ words\.(\w+)|say\("(\w+)"', said))
    assert {first or second for first, second in asked} - set(WORDS["en"]) == set()
