"""Refusals speak the language that the caller asks for; code, status and action stay the same."""

from __future__ import annotations

import re

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.error_words import ENTRIES
from wxlogin.errors import CATALOGUE, ApiError

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_code_speaks_both_languages(site: Site) -> None:
    def refuse(code: str) -> str:
        raise ApiError(CATALOGUE[code])

    site.app.add_url_rule("/refused/<code>", "refused", refuse)
    for code, entry in CATALOGUE.items():
        asked = f"/refused/{code}"
        english, chinese = (
            site.request("GET", asked, headers={"Accept-Language": language})
            for language in ("en-GB,en;q=0.9", "zh-CN,zh;q=0.9,en;q=0.8")
        )
        told, said = english.json(), chinese.json()
        assert (told["title"], told["detail"]) == (entry.title, entry.detail)
        assert (said["title"], said["detail"]) == ENTRIES[code]
        words = ("title", "detail", "request_id")
        assert {k: v for k, v in told.items() if k not in words} == {
            k: v for k, v in said.items() if k not in words
        }
        assert english.headers["Content-Language"] == "en"
        assert chinese.headers["Content-Language"] == "zh-CN"


@pytest.mark.parametrize("accepted", [None, "", "fr", "*", "x" * 2000, "zh" + ",zh" * 200])
def test_whoever_asks_for_neither_gets_english(site: Site, accepted: str | None) -> None:
    headers = {} if accepted is None else {"Accept-Language": accepted}
    answer = site.request("GET", "/v1/session", headers=headers)
    assert answer.json()["title"] == CATALOGUE["TOKEN_MISSING"].title


def test_a_detail_of_its_own_is_chinese_too(site: Site, phone: Phone) -> None:
    phone.login()
    answer = phone.ask("DELETE", "/v1/sessions/nobody", headers={"Accept-Language": "zh-CN"})
    assert site.problem(answer) == "NOT_FOUND"
    assert HAN.search(answer.json()["detail"])


def test_why_a_field_is_refused_is_chinese_too_and_its_name_is_not(site: Site) -> None:
    body = {"code": "", "platform": 1, "unknown": True}
    english, chinese = (
        site.request("POST", "/v1/login", json=body, headers={"Accept-Language": language}).json()
        for language in ("en", "zh-CN")
    )
    assert [one["field"] for one in english["errors"]] == [
        one["field"] for one in chinese["errors"]
    ]
    assert {one["field"]: one["reason"] for one in chinese["errors"]} == {
        "code": "应为 wx.login 返回的 code",
        "platform": "应为 ios、android、windows、mac、devtools、ohos 或 other",
        "unknown": "此接口没有这个字段",
    }
    assert {"field": "code", "reason": "should be the code that wx.login gave"} in english["errors"]
