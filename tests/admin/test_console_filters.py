"""Filters of the console's lists: typed into a form, and sealed in the URL of the list."""

from __future__ import annotations

import re

import pytest

from tests.admin.forms import led_to, seen, sent
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import events

ADDRESS = "127.0.0.1"


@pytest.mark.parametrize("name", ["events", "sessions"])
def test_an_address_that_is_typed_stands_in_no_url(site: Site, owner: Operator, name: str) -> None:
    Phone(site).login()
    events(site)
    url = led_to(sent(owner, f"/{name}", address=ADDRESS))
    assert re.fullmatch(rf"/admin/{name}\?filter=[\w.=-]+", url)
    assert ADDRESS not in url
    page = seen(owner, url)
    assert f'value="{ADDRESS}' in page
    assert 'class="list"' in page
    assert 'class="list"' not in seen(owner, led_to(sent(owner, f"/{name}", address="192.0.2.1")))
    assert ADDRESS not in "".join(
        line for line in site.log.lines if f"/admin/{name}" in line
    ).replace(f"'address': '{ADDRESS}'", "")


def test_the_next_page_keeps_the_filter(site: Site, owner: Operator) -> None:
    for user in ("alice", "bob"):
        Phone(site, user).login()
    Phone(site, "carol", platform="ios").login()
    url = led_to(sent(owner, "/sessions", platform="other"))
    first = seen(owner, f"{url}&limit=1")
    (older,) = re.findall(r'href="([^"]+)" rel="next"', first)
    second = seen(owner, older.replace("&amp;", "&"))
    assert 'rel="next"' not in second
    assert "iOS</div>" not in first + second


def test_a_filter_is_good_for_its_list_alone(owner: Operator) -> None:
    sealed = led_to(sent(owner, "/events", address=ADDRESS)).partition("=")[2]
    cookies = {"wxlogin_admin": owner.cookie}
    for name, filter_ in (("sessions", sealed), ("events", f"{sealed[:-4]}AAA="), ("events", "x")):
        answer = owner.site.request("GET", f"/admin/{name}?filter={filter_}", cookies=cookies)
        assert (answer.status_code, answer.headers["X-Wxlogin-Error"]) == (400, "INVALID_REQUEST")


def test_a_wrong_filter_leads_back_to_the_form(owner: Operator) -> None:
    answer = sent(owner, "/sessions", address="everywhere")
    assert answer.headers["X-Wxlogin-Error"] == "INVALID_REQUEST"
    assert led_to(answer) == "/admin/sessions"


def test_an_empty_filter_is_none(owner: Operator) -> None:
    assert led_to(sent(owner, "/audit", actor="", act="", since="")) == "/admin/audit"


def test_times_of_a_form_are_in_utc(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    page = seen(owner, "/admin/users?since=2020-01-01T00:00&until=&app=&banned=")
    assert phone.user_id in page
    assert 'value="2020-01-01T00:00"' in page
    assert phone.user_id not in seen(owner, "/admin/users?since=2190-01-01T00:00")


@pytest.mark.parametrize("name", ["users", "sessions", "events", "audit"])
def test_a_list_is_downloaded_as_it_is_filtered(site: Site, owner: Operator, name: str) -> None:
    Phone(site, device_name="小米").login()
    events(site)
    (action,) = re.findall(rf'action="(/admin/{name}\.csv[^"]*)"', seen(owner, f"/admin/{name}"))
    answer = sent(owner, action.removeprefix("/admin"))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeffid,".encode())
    assert answer.content.count(b"\r\n") >= 2
    nothing = "address=192.0.2.1" if name in ("sessions", "events") else "since=2190-01-01T00:00Z"
    empty = sent(owner, f"/{name}.csv?{nothing}")
    assert empty.content.count(b"\r\n") == 1
