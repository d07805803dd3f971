"""What is told of a session that a scan made."""

from __future__ import annotations

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Team, dispatch
from tests.harness.web_page import WebPage, said, signed_in
from wxlogin.outbox import EventType


def test_a_scan_tells_of_its_login_and_of_the_web_session_that_it_ended(
    site: Site, phone: Phone, team: Team
) -> None:
    phone.login(platform="ios")
    team.subscribe(site, EventType.USER_LOGGED_IN, EventType.SESSION_REPLACED)
    first = signed_in(WebPage(site), phone)
    second = signed_in(WebPage(site), phone)
    dispatch(site)
    logged_in = [one.event["data"] for one in team.accepted("user.logged_in")]
    assert [one["platform"] for one in logged_in] == ["web", "web"]
    assert [one["session"] for one in logged_in] == [first.session_id, second.session_id]
    assert {one["user"] for one in logged_in} == {phone.user_id}
    (replaced,) = team.accepted("session.replaced")
    assert replaced.event["data"]["session"] == first.session_id
    assert replaced.event["data"]["by"] == second.session_id


@pytest.mark.settings(WXLOGIN_MAX_DEVICES="1")
def test_of_a_scan_that_the_policy_refused_nothing_is_told(
    site: Site, phone: Phone, team: Team
) -> None:
    phone.login()
    team.subscribe(site, EventType.USER_LOGGED_IN)
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    assert page.state() == "DEVICE_LIMIT"
    dispatch(site)
    assert team.got == []
