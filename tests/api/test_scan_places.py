"""Where browser and phone are, what kind of browser it is, and what the watch writes down of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.traveller import BEIJING, GUANGZHOU, NOWHERE, SHENZHEN, TOKYO
from tests.harness.watched import counted, events
from tests.harness.web_page import CHROME, WebPage, said, signed_in
from wxlogin.extensions import db
from wxlogin.models import LoginRecord


@pytest.fixture
def page(site: Site) -> WebPage:
    """A page of somebody who wants in."""
    return WebPage(site)


@pytest.fixture
def alice(phone: Phone) -> Phone:
    """Alice's phone, signed in."""
    phone.login(platform="ios")
    return phone


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
@pytest.mark.parametrize(
    ("browser", "phone_at", "region", "same"),
    [
        (SHENZHEN, GUANGZHOU, "中国 广东省 深圳市", True),
        (SHENZHEN, BEIJING, "中国 广东省 深圳市", False),
        (TOKYO, TOKYO, "日本 东京", True),
        (NOWHERE, NOWHERE, None, True),
        (NOWHERE, BEIJING, None, False),
        (BEIJING, NOWHERE, "中国 北京", False),
        ("2001:db8::1", "2001:db8::2", None, True),
        ("2001:db8::1", "2001:db8:1::1", None, False),
    ],
)
def test_the_phone_is_told_where_the_browser_is(
    site: Site, alice: Phone, browser: str, phone_at: str, region: str | None, *, same: bool
) -> None:
    page = WebPage(site, **{"X-Forwarded-For": browser})
    scan = page.begin()
    alice.headers["X-Forwarded-For"] = phone_at
    shown = alice.ask("GET", f"/v1/scan/{scan}").json()
    assert shown["ip"] == browser
    assert shown["same_region"] is same
    if region is None:
        assert shown["region"] is None
    else:
        assert shown["region"].startswith(region)
    said(alice, scan, "confirm")
    assert counted(site)["scan.confirmed_elsewhere"] == (not same)


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_the_web_session_says_where_its_browser_is_whoever_fetches_it(
    site: Site, alice: Phone
) -> None:
    page = WebPage(site, **{"X-Forwarded-For": SHENZHEN})
    said(alice, page.begin(), "confirm")
    page.headers["X-Forwarded-For"] = BEIJING  # the team's backend
    page.fetch()
    (web,) = [one for one in page.ask("GET", "/v1/sessions").json()["sessions"] if one["current"]]
    assert web["ip"] == SHENZHEN
    assert web["region"].startswith("中国 广东省")


def test_events_name_the_browser_s_address_and_what_was_said(
    site: Site, page: WebPage, alice: Phone
) -> None:
    said(alice, page.begin(), "refuse")
    signed_in(page, alice)
    (refused,) = events(site, "scan.refused")
    assert (refused.subject, refused.address) == (alice.user_id, "127.0.0.1")
    assert counted(site)["scan.confirmed"] == 1
    assert counted(site)["login.succeeded"] == 2


def test_the_login_is_recorded_as_any_other(site: Site, page: WebPage, alice: Phone) -> None:
    signed_in(page, alice)
    with site.app.app_context():
        rows = list(db.session.scalars(select(LoginRecord).order_by(LoginRecord.id)))
    assert [row.platform for row in rows] == ["ios", "web"]
    assert (rows[1].session_id, rows[1].device_name) == (page.session_id, "Chrome 142, Windows")


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (CHROME, "Chrome 142", "Windows"),
        ("", None, None),
        ("curl/8.9", None, None),
        ("\x7f<script>Firefox/1</script> Linux", "Firefox 1", "Linux"),
        ("a" * 512 + "Firefox/130 Windows", None, None),
    ],
)
def test_of_the_browser_s_own_words_only_known_ones_are_repeated(
    site: Site, alice: Phone, agent: str, browser: str | None, system: str | None
) -> None:
    page = WebPage(site, **{"User-Agent": agent})
    shown = alice.ask("GET", f"/v1/scan/{page.begin()}").json()
    assert (shown["browser"], shown["system"]) == (browser, system)
