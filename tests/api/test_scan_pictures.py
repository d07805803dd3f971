"""The picture of a scan: WeChat draws it, once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.console import Operator
from tests.harness.site import APPID, Site
from tests.harness.watched import alerts
from tests.harness.web_page import WebPage
from wxlogin.sandbox import Fault

PATH = "/wxa/getwxacodeunlimit"


@pytest.fixture
def page(site: Site) -> WebPage:
    """A page with a scan."""
    page = WebPage(site)
    page.begin()
    return page


def asked(site: Site) -> int:
    """How often WeChat was asked for a picture."""
    return site.sandbox.world.calls[PATH]


def set_page(site: Site, **body: Any) -> dict[str, Any]:
    """Set the page of scans."""
    owner = Operator(site).sign_in()
    return dict(owner.done("PUT", f"/apps/{APPID}/scan", json=body))


def test_the_picture_is_a_png_that_nothing_stores(page: WebPage) -> None:
    answer = page.picture()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.content.startswith(b"\x89PNG")


def test_wechat_is_asked_once_for_a_scan(site: Site, page: WebPage) -> None:
    first = page.picture().content
    assert page.picture().content == first
    assert asked(site) == 1
    page.begin()
    assert page.picture().content != first
    assert asked(site) == 2


def test_wechat_is_not_asked_for_a_scan_that_is_none(site: Site, page: WebPage) -> None:
    page.begun["image"] = f"/v1/scan/{'A' * 22}/code.png"
    assert site.problem(page.picture()) == "SCAN_EXPIRED"
    assert asked(site) == 0


def test_wechat_gets_the_page_that_was_set(site: Site, page: WebPage) -> None:
    item = set_page(site, page="pages/elsewhere/new", env_version="trial", check_path=False)
    assert item["scan"] == {
        "page": "pages/elsewhere/new",
        "env_version": "trial",
        "check_path": False,
    }
    assert page.picture().ok


def test_a_page_that_the_released_version_has_not_is_the_operators_fault(
    site: Site, page: WebPage
) -> None:
    set_page(site, page="pages/elsewhere/new")
    answer = page.picture()
    assert site.problem(answer) == "WX_MISCONFIGURED"
    assert "41030" in answer.json()["detail"]
    assert "wx_misconfigured" in {alert.rule for alert in alerts(site)}
    set_page(site, page="pages/scan/scan")
    assert page.picture().ok


@pytest.mark.parametrize(
    ("errcode", "code"),
    [(45009, "WX_RATE_LIMITED"), (40129, "WX_UNAVAILABLE"), (48001, "WX_MISCONFIGURED")],
)
def test_what_wechat_refuses_is_told(site: Site, page: WebPage, errcode: int, code: str) -> None:
    site.sandbox.faults.queue(PATH, Fault(errcode=errcode))
    assert site.problem(page.picture()) == code
    assert page.picture().ok


def test_a_busy_wechat_is_asked_again(site: Site, page: WebPage) -> None:
    site.sandbox.faults.queue(PATH, Fault(errcode=-1), 2)
    assert page.picture().ok
    assert asked(site) == 3


def test_an_access_token_that_wechat_refuses_is_replaced(site: Site, page: WebPage) -> None:
    assert page.picture().ok
    site.sandbox.world.invalidate_access_tokens()
    page.begin()
    assert page.picture().ok
    assert asked(site) == 3


@pytest.mark.parametrize("fault", [Fault(body="<html>"), Fault(body="[]"), Fault(status=502)])
def test_what_is_no_picture_is_not_passed_on(site: Site, page: WebPage, fault: Fault) -> None:
    site.sandbox.faults.queue(PATH, fault, 3)
    assert site.problem(page.picture()) == "WX_UNAVAILABLE"


def test_a_picture_without_end_is_not_read_to_its_end(site: Site, page: WebPage) -> None:
    endless = Fault(body=b"\x89PNG\r\n\x1a\n", size=1_048_577)
    site.sandbox.faults.queue(PATH, endless, 3)
    assert site.problem(page.picture()) == "WX_UNAVAILABLE"


def test_one_scan_asks_wechat_a_few_times_at_most(site: Site, page: WebPage) -> None:
    site.sandbox.faults.queue(PATH, Fault(errcode=45009), 20)
    codes = [site.problem(page.picture()) for _ in range(10)]
    assert codes == ["WX_RATE_LIMITED"] * 8 + ["RATE_LIMITED"] * 2
    assert asked(site) == 8
