"""Users as operators see them: lists, search, one user; all masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.people import OTHER, number, signed_in, told, two_apps
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from wxlogin.accounts.phone_numbers import readings

KEY = "i1:Tn4Vx0PzK2mWb6QyR8sLd1Fh3Jc5GaEu7oNiMvXkBtw="
NEWER_KEY = "i2:Um5Wy1QaL3nXc7RzS9tMe2Gi4Kd6HbFv8pOjNwYlCux="


def found(owner: Operator, **wanted: str) -> list[str]:
    """The ids of the users that a search finds."""
    return [item["id"] for item in owner.done("POST", "/users/search", json=wanted)["items"]]


# One user


def test_a_user_is_shown_masked(site: Site, owner: Operator) -> None:
    site.sandbox.world.open_platform = True
    phone = told(signed_in(site))
    openid, unionid = site.sandbox.world.openid("alice"), site.sandbox.world.unionid("alice") or ""
    shown = owner.done("GET", f"/users/{phone.user_id}")
    assert shown == {
        "id": phone.user_id,
        "app": APPID,
        "nickname": "微**",
        "openid": f"{openid[:4]}…{openid[-4:]}",
        "unionid": f"{unionid[:4]}…{unionid[-4:]}",
        "phone": f"{number(phone)[:3]}****{number(phone)[-4:]}",
        "person": UserRow(site, phone.user_id).column("person"),
        "external_id": None,
        "profile": shown["profile"],
        "ban": None,
        "banned_by": None,
        "banned_at": None,
        "created_at": shown["created_at"],
        "last_login_at": shown["last_login_at"],
        "region": None,
        "risk_rank": None,
        "devices": 1,
        "kept_apart": False,
        "linked": [],
    }
    assert shown["profile"]["nickName"] == "微**"
    assert "avatarUrl" not in shown["profile"]


def test_a_user_of_whom_little_is_known_is_shown_too(owner: Operator, phone: Phone) -> None:
    phone.login()
    shown = owner.done("GET", f"/users/{phone.user_id}")
    assert [shown[name] for name in ("unionid", "phone", "profile")] == [None] * 3


def test_the_users_of_one_person_are_linked(site: Site, owner: Operator) -> None:
    two_apps(site)
    first, second = signed_in(site), signed_in(site, appid=OTHER)
    signed_in(site, "bob", OTHER)
    shown = owner.done("GET", f"/users/{first.user_id}")
    assert shown["linked"] == [{"id": second.user_id, "app": OTHER}]


def test_an_unknown_user_is_not_found(owner: Operator) -> None:
    for path in ("", "/sessions", "/logins"):
        assert owner.refusal("GET", f"/users/nobody{path}") == "NOT_FOUND"


def test_a_users_sessions_are_listed(site: Site, owner: Operator) -> None:
    phones = [Phone(site, device_name=name, platform="ios") for name in ("one", "two")]
    for phone in phones:
        phone.login()
    listed = owner.done("GET", f"/users/{phones[0].user_id}/sessions")["items"]
    assert {item["device_name"] for item in listed} == {"one", "two"}
    owner.done("DELETE", f"/sessions/{listed[0]['id']}")
    assert len(owner.done("GET", f"/users/{phones[0].user_id}/sessions")["items"]) == 1


def test_a_users_sessions_page_newest_first(site: Site, owner: Operator) -> None:
    made = [Phone(site).login() for _ in range(3)]  # all within a second
    path = f"/users/{made[0]['user']['id']}/sessions"
    whole = [item["id"] for item in owner.done("GET", path)["items"]]
    assert pages(owner, path, "id", 2) == [whole[:2], whole[2:]]


def test_a_users_logins_page_newest_first(
    owner: Operator, phone: Phone, clock: SettableClock
) -> None:
    sessions = []
    for step in (0, 0, 60, 0, 60):  # two pairs within a second
        clock.forward(step)
        sessions.append(phone.login()["session"]["id"])
    assert pages(owner, f"/users/{phone.user_id}/logins", "session", 2) == [
        sessions[:2:-1],
        sessions[2:0:-1],
        sessions[:1],
    ]


# Lists


def pages(owner: Operator, path: str, member: str, limit: int) -> list[list[Any]]:
    """A list, page by page, to its end."""
    found, cursor = [], {}
    while True:
        page = owner.done("GET", path, params={"limit": limit, **cursor})
        found.append([item[member] for item in page["items"]])
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_users_page_newest_first(site: Site, owner: Operator) -> None:
    ids = [signed_in(site, f"user{n}").user_id for n in range(5)]
    assert pages(owner, "/users", "id", 2) == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert owner.done("GET", "/users")["next"] is None


# Search


def test_a_user_is_found_by_id_and_openid_across_apps(site: Site, owner: Operator) -> None:
    two_apps(site)
    phones = {APPID: signed_in(site), OTHER: signed_in(site, appid=OTHER)}
    signed_in(site, "bob")
    for appid, phone in phones.items():
        assert found(owner, openid=site.sandbox.world.openid("alice", appid)) == [phone.user_id]
        assert found(owner, id=phone.user_id) == [phone.user_id]


def test_a_phone_number_finds_all_users_who_gave_it(site: Site, owner: Operator) -> None:
    two_apps(site)
    phones = [told(signed_in(site)), told(signed_in(site, appid=OTHER), OTHER)]
    told(signed_in(site, "bob"))
    plain = number(phones[0])
    apart = f"{plain[:3]} {plain[3:7]} {plain[7:]}"
    for typed in (plain, f"+86 {apart}", f"0086-{plain}", f"86{plain}", f"（+86）{plain}"):
        assert set(found(owner, phone=typed)) == {phone.user_id for phone in phones}, typed


def test_a_part_of_a_value_finds_nobody(site: Site, owner: Operator) -> None:
    phone = told(signed_in(site))
    openid = site.sandbox.world.openid("alice")
    assert found(owner, openid=openid[:-1]) == []
    assert found(owner, openid=openid.swapcase()) == []
    assert found(owner, phone=number(phone)[:-1]) == []
    assert found(owner, phone="no number") == []
    assert found(owner, id="nobody") == []


def test_a_user_is_found_by_what_an_older_index_key_made(make_site: Callable[..., Site]) -> None:
    phone = told(signed_in(make_site(WXLOGIN_INDEX_KEYS=KEY)))
    later = make_site(WXLOGIN_INDEX_KEYS=f"{NEWER_KEY},{KEY}")
    owner = Operator(later).sign_in()
    assert found(owner, phone=number(phone)) == [phone.user_id]
    assert found(owner, openid=later.sandbox.world.openid("alice")) == [phone.user_id]


@pytest.mark.parametrize(
    "body", [{}, {"id": "a", "openid": "b"}, {"id": ""}, {"name": "x"}, {"id": None}]
)
def test_a_search_takes_exactly_one_value(owner: Operator, body: dict[str, str | None]) -> None:
    assert owner.refusal("POST", "/users/search", json=body) == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("13800138000", ["+8613800138000", "+13800138000"]),
        ("+1 (201) 555-0123", ["+12015550123"]),
        ("１３８ ００１３ ８０００", ["+8613800138000", "+13800138000"]),
        ("00852 2123 4567", ["+85221234567"]),
        ("alice", []),
        ("+", []),
        ("1" * 21, []),
    ],
)
def test_phone_numbers_are_read_as_people_type_them(typed: str, meant: list[str]) -> None:
    assert readings(typed) == meant
