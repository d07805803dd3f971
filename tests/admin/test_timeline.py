"""A user's story: logins, ends of sessions, events and acts, newest first, page by page."""

from __future__ import annotations

import pytest

from tests.admin.stories import actor, ends, story
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import plan, recorded


def test_a_story_holds_logins_events_and_acts(site: Site, owner: Operator, phone: Phone) -> None:
    answer = phone.try_login(device_name="Alice's phone", platform="ios")
    phone.login()
    site.clock.forward(1)
    forged = {"rawData": "{}", "signature": "0" * 40}
    assert not phone.ask("POST", "/v1/decrypt/verify", json=forged).ok
    site.app.extensions["wxlogin"].watch.recorder.flush()
    site.clock.forward(1)
    owner.done("POST", f"/users/{phone.user_id}/ban", json={"reason": "spam"})
    site.tokens.add(answer.json()["token"])
    act, *ended, event, _, login = story(owner, phone.user_id)
    assert (act["kind"], act["act"], act["by"]) == ("act", "user.ban", actor(owner))
    assert (act["outcome"], act["reason"]) == ("done", "spam")
    assert [item["why"] for item in ended] == ["banned", "banned"]
    assert (event["kind"], event["event"], event["severity"]) == (
        "event",
        "decrypt.failed",
        "warning",
    )
    assert (login["kind"], login["session"]) == ("login", answer.json()["session"]["id"])
    assert (login["platform"], login["device_name"], login["ip"]) == (
        "ios",
        "Alice's phone",
        "127.0.0.1",
    )
    assert login["request_id"] == answer.headers["X-Request-Id"]


def test_a_look_at_the_story_is_audited_and_no_part_of_it(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    assert [item["kind"] for item in story(owner, phone.user_id)] == ["login"]
    assert [item["kind"] for item in story(owner, phone.user_id)] == ["login"]
    target = f"user:{phone.user_id}"
    assert [entry["act"] for entry in owner.trail(target)] == ["user.read_timeline"] * 2


def test_a_viewer_reads_it_without_acts(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    owner.done("POST", f"/users/{phone.user_id}/kick")
    viewer = Operator(site, "viewer").sign_in()
    assert [item["kind"] for item in story(viewer, phone.user_id)] == ["session_ended", "login"]
    assert ends(viewer, phone.user_id)[0][2] == actor(owner)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_follow_one_another_and_miss_nothing(site: Site, owner: Operator, limit: int) -> None:
    phone = Phone(site)
    for _ in range(4):  # within one second, and over several
        phone.login()
        phone.login(carry=True)
        owner.done("POST", f"/users/{phone.user_id}/kick")
        site.clock.forward(1)
    path, found = f"/users/{phone.user_id}/timeline", []
    page = owner.done("GET", f"{path}?limit={limit}")
    found += page["items"]
    while page["next"]:
        page = owner.done("GET", f"{path}?limit={limit}&cursor={page['next']}")
        found += page["items"]
    assert len({item["id"] for item in found}) == len(found) == 20
    assert [item["at"] for item in found] == sorted((i["at"] for i in found), reverse=True)
    assert found == story(owner, phone.user_id, limit=200)


@pytest.mark.parametrize("other", ["logins", "sessions"])
def test_a_cursor_of_another_list_is_refused(
    site: Site, owner: Operator, phone: Phone, other: str
) -> None:
    phone.login()
    Phone(site).login()
    cursor = owner.done("GET", f"/users/{phone.user_id}/{other}?limit=1")["next"]
    path = f"/users/{phone.user_id}/timeline?cursor={cursor}"
    assert owner.refusal("GET", path) == "INVALID_REQUEST"


def test_a_cursor_of_another_user_is_refused(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    phone.login()
    bob = Phone(site, "bob")
    bob.login()
    cursor = owner.done("GET", f"/users/{phone.user_id}/timeline?limit=1")["next"]
    path = f"/users/{bob.user_id}/timeline?cursor={cursor}"
    assert owner.refusal("GET", path) == "INVALID_REQUEST"


def test_an_export_has_the_ends(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    phone.logout()
    owner.done("POST", "/me/reauth", json={"password": owner.password})
    exported = owner.told_whole("GET", f"/users/{phone.user_id}/export")
    (ended,) = exported["session_ends"]
    assert (ended["session"], ended["why"]) == (phone.session_id, "signed_out")


def test_a_page_reads_no_table_whole(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    phone.login()
    cursor = owner.done("GET", f"/users/{phone.user_id}/timeline?limit=1")["next"]
    with recorded(site) as statements:
        owner.done("GET", f"/users/{phone.user_id}/timeline?cursor={cursor}")
    meant = [one for one in statements if " DESC, " in one[0]]
    assert len(meant) == 5
    steps = [step for step in plan(site, meant) if "SCAN" in step or "TEMP B-TREE" in step]
    assert steps == []
