"""Scans while a store is out: nobody is signed in twice, nor out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.faults.test_sql_out import cut_off
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.web_page import WebPage, said
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import keys

__all__ = ["cut_off"]

CALLS: dict[str, Callable[[WebPage, Phone], requests.Response]] = {
    "begin": lambda page, _: page.try_begin(),
    "picture": lambda page, _: page.picture(),
    "token": lambda page, _: page.try_fetch(),
    "look": lambda page, phone: phone.ask("GET", f"/v1/scan/{page.scan}"),
    "confirm": lambda page, phone: phone.ask("POST", f"/v1/scan/{page.scan}/confirm"),
    "refuse": lambda page, phone: phone.ask("POST", f"/v1/scan/{page.scan}/refuse"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_dead_redis_is_told_and_ends_no_scan(
    frail_phone: Phone,
    frail_valkey: ValkeyServer,
    call: Callable[[WebPage, Phone], requests.Response],
) -> None:
    page = WebPage(frail_phone.site)
    page.begin()
    frail_valkey.kill()
    assert page.site.problem(call(page, frail_phone)) == "STORE_UNAVAILABLE"


def test_without_a_database_the_phone_decides_and_the_session_waits(
    site: Site, phone: Phone, cut_off: Site
) -> None:
    phone.login()
    page = WebPage(site)
    scan = page.begin()
    assert said(phone, scan, "confirm") == "confirmed"
    page.site = cut_off
    assert page.state() == "STORE_UNAVAILABLE"
    page.site = site
    page.fetch()
    assert page.state() == "SCAN_EXPIRED"
    assert page.refusal() == ""


def test_where_redis_fails_in_the_midst_of_it_the_scan_is_over(site: Site, phone: Phone) -> None:
    phone.login()
    page = WebPage(site)
    said(phone, page.begin(), "confirm")
    index = keys.index(phone.user_id)
    site.redis.rename(index, keys.ended_by_login(phone.user_id))
    site.redis.set(index, "of another type", px=60_000)
    assert page.state() == "STORE_UNAVAILABLE"
    site.redis.rename(keys.ended_by_login(phone.user_id), index)
    assert page.state() == "SCAN_EXPIRED"
    assert [one["platform"] for one in phone.ask("GET", "/v1/sessions").json()["sessions"]] == [
        "other"
    ]
    said(phone, page.begin(), "confirm")
    page.fetch()
