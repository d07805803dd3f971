"""One search for whatever an operator was told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.admin.forms import back_at, seen, sent
from tests.admin.people import number, told
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import plan, recorded
from tests.harness.watched import alerts
from wxlogin.extensions import db
from wxlogin.models import User


def find(who: Operator, text: str) -> list[dict[str, Any]]:
    """What a text means."""
    found: list[dict[str, Any]] = who.done("POST", "/find", json={"q": text})["items"]
    return found


def one(who: Operator, text: str) -> dict[str, Any]:
    """The one thing that a text means."""
    (item,) = find(who, text)
    return item


@pytest.fixture
def alice(site: Site) -> Phone:
    """Alice, signed in, whose phone number is known."""
    phone = Phone(site, platform="ios", device_name="Alice's iPhone")
    phone.login()
    return told(phone)


def test_a_user_is_found_by_each_id(site: Site, owner: Operator, alice: Phone) -> None:
    with site.app.app_context():
        db.session.query(User).update({"external_id": "member-10042"})
        db.session.commit()
    texts = {
        "id": alice.user_id,
        "openid": site.sandbox.world.openid("alice"),
        "phone": number(alice),
        "external_id": "member-10042",
    }
    for by, text in texts.items():
        item = one(owner, f" {text} ")
        assert (item["kind"], item["id"], item["found_by"]) == ("user", alice.user_id, by)
        assert item["app"] == APPID


def test_a_session_is_found_alive_and_ended(site: Site, owner: Operator, alice: Phone) -> None:
    item = one(owner, alice.session_id)
    assert (item["kind"], item["user"], item["live"]) == ("session", alice.user_id, True)
    assert one(owner, f"{alice.user_id}.{alice.session_id}")["id"] == alice.session_id
    owner.done("POST", f"/users/{alice.user_id}/kick")
    item = one(owner, alice.session_id)
    assert (item["live"], item["why"]) == (False, "kicked")
    assert [step["kind"] for step in item["story"]] == ["session_ended", "login"]
    assert item["story"][0]["by"] == f"admin:{owner.name}"


def test_a_session_that_expired_is_found(site: Site, owner: Operator, alice: Phone) -> None:
    site.clock.forward(604_800)
    owner.sign_in()
    item = one(owner, alice.session_id)
    assert (item["live"], item["why"]) == (False, "expired")


def test_a_request_is_found_with_all_that_it_did(site: Site, owner: Operator, alice: Phone) -> None:
    answer = alice.try_login(carry=True)
    site.tokens.add(answer.json()["token"])
    site.services.watch.recorder.flush()
    item = one(owner, answer.headers["X-Request-Id"])
    assert (item["kind"], item["users"]) == ("request", [alice.user_id])
    assert {step["kind"] for step in item["story"]} >= {"login", "session_ended"}
    kick = owner.ask("POST", f"/users/{alice.user_id}/kick").headers["X-Request-Id"]
    assert {step["kind"] for step in one(owner, kick)["story"]} == {"act", "session_ended"}
    viewer = Operator(site, "viewer").sign_in()
    assert [step["kind"] for step in one(viewer, kick)["story"]] == ["session_ended"]


def test_an_address_is_found_with_its_users(site: Site, owner: Operator, alice: Phone) -> None:
    item = one(owner, "127.0.0.1")
    assert (item["kind"], item["users"]) == ("address", [alice.user_id])
    assert item["story"][-1]["user"] == alice.user_id
    assert find(owner, "192.0.2.77") == []


def test_a_mini_program_is_found(owner: Operator, site: Site) -> None:
    item = one(owner, APPID)
    assert (item["kind"], item["id"]) == ("app", APPID)
    assert item["name"]


@pytest.mark.parametrize("text", ["nobody", "A" * 22, "A" * 22 + "." + "B" * 22, "没有这个人"])
def test_what_is_not_known_is_not_found(owner: Operator, text: str) -> None:
    assert find(owner, text) == []


@pytest.mark.parametrize("body", [{}, {"q": ""}, {"q": "x" * 129}, {"q": "a\nb"}, {"q": 1}])
def test_other_bodies_are_refused(owner: Operator, body: dict[str, object]) -> None:
    assert owner.refusal("POST", "/find", json=body) == "INVALID_REQUEST"


def test_a_phone_number_finds_nobody_for_who_may_not_search_by_it(
    site: Site, owner: Operator, alice: Phone
) -> None:
    viewer = Operator(site, "viewer").sign_in()
    for text in (number(alice), "13900000000"):
        assert viewer.refusal("POST", "/find", json={"q": text}) == "FORBIDDEN"
    for scope, status in (("read", 403), ("operate", 200)):
        asked = Service(site, scope).ask("POST", "/admin/api/find", json={"q": number(alice)})
        assert asked.status_code == status


@pytest.mark.settings(WXLOGIN_LIMIT_SEARCH="2/minute")
def test_it_is_charged_as_a_search(site: Site, owner: Operator) -> None:
    codes = [owner.ask("POST", "/find", json={"q": "nobody"}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert owner.refusal("POST", "/users/search", json={"id": "nobody"}) == "RATE_LIMITED"
    assert "admin_data" in {alert.rule for alert in alerts(site)}


def test_the_trail_tells_of_it_and_not_what_was_looked_for(owner: Operator, alice: Phone) -> None:
    find(owner, alice.user_id)
    done = owner.done("GET", "/audit", params={"target": "find"})["items"][0]
    assert (done["act"], done["outcome"], done["detail"]) == ("find", "done", {"found": 1})
    assert alice.user_id not in str(done)


def test_it_reads_no_table_whole(site: Site, owner: Operator, alice: Phone) -> None:
    with recorded(site) as statements:
        for text in (alice.session_id, number(alice), "127.0.0.1", "some-request"):
            find(owner, text)
    tables = ("login_record", "session_end", "security_event", "audit_entry", "user")
    meant = [
        found
        for found in statements
        if any(f"FROM {name}" in found[0].replace('"', "") for name in tables)
        and "WHERE" in found[0]
    ]
    assert len(meant) > 10
    scanned = {step.split()[1] for step in plan(site, meant) if step.startswith("SCAN")}
    assert scanned & set(tables) == set()


def test_names_stand_before_ids_where_something_is_found(
    site: Site, owner: Operator, alice: Phone
) -> None:
    """Of users: in what a search found, and in the audit trail."""
    found = back_at(owner, sent(owner, "/find", q="127.0.0.1"))
    named = f'<a href="/admin/users/{alice.user_id}">微**</a>'
    assert named in found
    owner.done("POST", f"/users/{alice.user_id}/kick")
    assert named in seen(owner, "/admin/audit")


def test_no_page_loads_an_avatar_from_elsewhere(owner: Operator, alice: Phone) -> None:
    page = seen(owner, f"/admin/users/{alice.user_id}")
    pictures = re.findall(r'<img[^>]* src="([^"]*)"', page)
    assert pictures
    assert [one for one in pictures if not one.startswith("/admin/")] == []
