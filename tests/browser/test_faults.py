"""What goes wrong is told as a page, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import Desk
from tests.harness.site import Site

Sit = Callable[..., Desk]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is nothing here"), ("zh", "这里没有内容")]
)
def test_an_unknown_page_is_told_as_a_page(sit: Sit, language: str, words: str) -> None:
    said = sit(language=language).open("/admin/nothing/here", status=404)
    assert words in said
    assert "NOT_FOUND" in said


def test_an_unknown_call_of_the_api_stays_data(site: Site) -> None:
    assert site.problem(site.request("GET", "/admin/api/nothing")) == "NOT_FOUND"


def test_a_page_that_is_asked_for_by_the_wrong_method_is_told_so(site: Site) -> None:
    answer = site.request("DELETE", "/admin/sign-in")
    assert answer.status_code == 405
    assert answer.headers["X-Wxlogin-Error"] == "METHOD_NOT_ALLOWED"
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_store_that_is_out_is_told_and_signs_nobody_out(
    desk: Desk, make_site: Callable[..., Site]
) -> None:
    nowhere = "postgresql+psycopg://wxlogin@127.0.0.1:1/wxlogin"
    here, desk.site = desk.site, make_site(WXLOGIN_DATABASE_URL=nowhere)
    assert "Nothing is lost" in desk.open("/admin/", status=503)
    desk.site = here
    assert "Overview" in desk.open("/admin/")
