"""The keys of the console: `?` lists them, and so does the foot of a page without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import PHONE, Desk

Sit = Callable[..., Desk]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "go to the search box"), ("zh", "跳到查找框")]
)
def test_a_question_mark_lists_the_shortcuts(sit: Sit, language: str, words: str) -> None:
    desk = sit(language=language)
    desk.keep_cookie(desk.operator.sign_in())
    desk.open("/admin/alerts")
    listed = desk.page.locator("dialog.shortcuts")
    assert not listed.is_visible()
    desk.page.keyboard.press("?")
    assert words in listed.inner_text()
    assert desk.barriers_everywhere() == []
    desk.page.keyboard.press("Escape")
    assert not listed.is_visible()
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("?")
    assert not listed.is_visible()
    assert desk.page.locator("#find-box").input_value() == "?"


def test_the_shortcuts_are_listed_without_scripts(sit: Sit) -> None:
    desk = sit(scripts=False, width=PHONE).sign_in()
    foot = desk.page.locator("footer")
    foot.locator("summary").click()
    assert "go to the search box" in foot.inner_text()
