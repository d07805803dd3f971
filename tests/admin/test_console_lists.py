"""The console's lists: turned to and fro, counted honestly, ordered, with names before ids."""

from __future__ import annotations

import html
import re

import pytest

from tests.admin.forms import led_to, seen, sent
from tests.admin.people import signed_in, told
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.traveller import SHENZHEN, TOKYO, Traveller
from tests.harness.watched import events


@pytest.fixture
def users(site: Site, clock: SettableClock) -> list[str]:
    """The ids of five people, the newest first; an hour lies between their logins."""
    found = []
    for name in ("alice", "bob", "carol", "dave", "erin"):
        found.append(str(Phone(site, name).login()["user"]["id"]))
        clock.forward(3600)
    return found[::-1]


def turned(owner: Operator, page: str, rel: str) -> str:
    """The page that a link of a page's foot leads to."""
    (url,) = re.findall(rf'href="([^"]+)" rel="{rel}"', page)
    return seen(owner, html.unescape(url))


def shown(page: str, users: list[str]) -> list[str]:
    """Those of the users who are on a page, in its order."""
    links = re.findall(r'href="/admin/users/([\w-]{22})"', page)
    return [one for one in dict.fromkeys(links) if one in users]


@pytest.mark.parametrize("name", ["users", "sessions"])
def test_a_list_is_turned_to_older_newer_and_the_first(
    owner: Operator, users: list[str], name: str
) -> None:
    owner.sign_in()
    first = seen(owner, f"/admin/{name}?limit=2")
    assert 'rel="prev"' not in first
    second = turned(owner, first, "next")
    third = turned(owner, second, "next")
    assert [shown(one, users) for one in (first, second, third)] == [
        users[:2],
        users[2:4],
        users[4:],
    ]
    assert 'rel="next"' not in third
    back = turned(owner, third, "prev")
    assert shown(back, users) == users[2:4]
    again = turned(owner, back, "prev")
    assert shown(again, users) == users[:2]
    assert 'rel="prev"' not in again
    assert shown(turned(owner, third, "first"), users) == users[:2]


def test_page_links_keep_the_filter_and_a_history_is_not_made_up(
    site: Site, owner: Operator, users: list[str]
) -> None:
    owner.sign_in()
    url = led_to(sent(owner, "/sessions", platform="other"))
    second = turned(owner, seen(owner, f"{url}&limit=2"), "next")
    assert shown(turned(owner, second, "prev"), users) == users[:2]
    assert 'rel="prev"' not in seen(owner, "/admin/users?limit=2&way=AAAA")


def test_a_list_says_how_many_there_are(
    owner: Operator, users: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.sign_in()
    assert "5 in all" in seen(owner, "/admin/users")
    assert "0 in all" in seen(owner, "/admin/users?banned=true")
    assert "About 5, an estimate" in seen(owner, "/admin/sessions")
    assert "an estimate" not in seen(owner, led_to(sent(owner, "/sessions", platform="other")))
    for module in ("wxlogin.database.counting", "wxlogin.admin.console.layout"):
        monkeypatch.setattr(f"{module}.MOST_COUNTED", 3)
    assert "More than 3, an estimate" in seen(owner, "/admin/users")
    assert "More than 3, an estimate" in seen(owner, "/admin/audit")


def test_a_page_has_as_many_rows_as_one_likes(owner: Operator, users: list[str]) -> None:
    owner.sign_in()
    page = seen(owner, "/admin/users?limit=2")
    (larger,) = re.findall(r'href="([^"]+)">100</a>', page)
    assert shown(seen(owner, html.unescape(larger)), users) == users


@pytest.mark.parametrize("name", ["users", "events", "audit"])
def test_a_list_can_begin_with_the_oldest(
    site: Site, owner: Operator, users: list[str], name: str
) -> None:
    owner.sign_in().sign_in()
    events(site)
    ids = [one["id"] for one in owner.done("GET", f"/{name}?order=oldest&limit=3")["items"]]
    newest = [one["id"] for one in owner.done("GET", f"/{name}?limit=200")["items"]]
    assert ids == newest[::-1][:3]
    second = owner.done("GET", f"/{name}?order=oldest&limit=2")
    third = owner.done("GET", f"/{name}?order=oldest&limit=1&cursor={second['next']}")
    assert [one["id"] for one in second["items"] + third["items"]] == ids
    assert "Oldest first" in seen(owner, f"/admin/{name}?order=oldest")


def test_live_sessions_have_a_range_of_time(site: Site, owner: Operator, users: list[str]) -> None:
    owner.sign_in()
    began = {one["user"]: one["created_at"] for one in owner.done("GET", "/sessions")["items"]}
    since, until = began[users[3]], began[users[1]]
    page = seen(owner, f"/admin/sessions?since={since}&until={until}")
    assert shown(page, users) == users[2:4]
    assert 'rel="next"' not in page


def test_names_stand_before_ids_and_devices_are_counted(site: Site, owner: Operator) -> None:
    phone = told(signed_in(site))
    signed_in(site)
    owner.done("PUT", f"/apps/{APPID}/name", json={"name": "邻里团购"})
    for path in ("users", "sessions"):
        page = seen(owner, f"/admin/{path}")
        assert re.search(rf'href="/admin/users/{phone.user_id}">微\*\*</a>', page)
        assert "邻里团购" in page
        assert f'data-copy="{phone.user_id}"' in page
    assert "2 devices" in seen(owner, "/admin/users")


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_regions_are_in_the_page_s_language_and_found_as_they_are_shown(
    site: Site, owner: Operator
) -> None:
    Traveller(site, "alice").login_from(SHENZHEN)
    Traveller(site, "bob").login_from(TOKYO)
    english, chinese = (seen(owner, "/admin/sessions", language) for language in ("en", "zh"))
    assert "China, Guangdong, 深圳市" in english
    assert "中国 广东省 深圳市" in chinese
    for typed in ("China, Guangdong", "guangdong", "广东省"):
        page = seen(owner, led_to(sent(owner, "/sessions", region=typed)))
        assert ("深圳市" in page, "Japan" in page) == (True, False), typed


def test_folded_events_say_what_was_folded(site: Site, owner: Operator) -> None:
    forged = {"Authorization": f"Bearer wxs_{'A' * 64}.{'A' * 43}"}
    for _ in range(3):
        site.request("GET", "/v1/session", headers=forged)
    events(site)
    page = seen(owner, "/admin/events?kind=token.forged")
    assert re.search(
        r">3</span><small>from [^<]+ to [^<]+; the details are those of the first<", page
    )


def test_events_say_why_a_call_was_refused_in_words(site: Site, owner: Operator) -> None:
    site.request("GET", "/v1/session", headers={"Authorization": f"Bearer wxs_{'A' * 108}"})
    events(site)
    english, chinese = (seen(owner, "/admin/events", language) for language in ("en", "zh"))
    assert "Code: The token is not ours (TOKEN_INVALID)" in english
    assert "token 无效 (TOKEN_INVALID)" in chinese
