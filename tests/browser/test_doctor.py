"""The doctor in the browser: a button, and what it found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.browser import Desk
from tests.harness.site import SECRET, Site


def test_an_owner_examines_the_installation(site: Site, desk: Desk) -> None:
    desk.open("/admin/")
    desk.page.get_by_role("link", name="Doctor", exact=True).first.click()
    desk.press("Examine")
    assert desk.notice() == "No fault was found. Some lines below are worth a look."
    assert "WXLOGIN_ALERT_WEBHOOK is not set." in desk.text()
    assert desk.barriers_everywhere() == []
    site.sandbox.world.add_app(site.settings.wx_appid, SECRET[::-1])
    site.secrets.add(SECRET[::-1])
    desk.press("Examine")
    assert desk.notice() == "There is a fault. The lines below say what to do."
    assert "Copy the AppSecret from mp.weixin.qq.com" in desk.text()


def test_it_speaks_chinese(site: Site, sit: Callable[..., Desk]) -> None:
    desk = sit(language="zh")
    desk.keep_cookie(desk.operator.sign_in())
    desk.open("/admin/doctor")
    desk.press("开始检查")
    assert "未设置 WXLOGIN_ALERT_WEBHOOK。" in desk.text()
    assert desk.barriers_everywhere() == []


@pytest.mark.settings(WXLOGIN_LIMIT_DOCTOR="1/minute")
def test_too_many_examinations_are_a_notice(desk: Desk) -> None:
    desk.open("/admin/doctor")
    desk.press("Examine")
    desk.press("Examine")
    assert desk.path == "/admin/doctor"
    assert desk.page.locator(".notice.refused").count() == 1
