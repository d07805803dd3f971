"""GET /admin/api/events: what the watch saw, newest first."""

from __future__ import annotations

from typing import Any

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import events

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}


def listed(site: Site, operator: Operator, query: str = "") -> list[dict[str, Any]]:
    """The items of a page, once the site has written all it took."""
    events(site)
    items: list[dict[str, Any]] = operator.done("GET", f"/events{query}")["items"]
    return items


def test_a_viewer_sees_the_events(site: Site, phone: Phone) -> None:
    phone.login()
    for _ in range(3):
        site.request("GET", "/v1/session", headers=FORGED)
    viewer = Operator(site, "viewer").sign_in()
    forged, login = listed(site, viewer)
    assert (forged["kind"], forged["severity"], forged["count"]) == ("token.forged", "warning", 3)
    assert forged["detail"] == {"code": "TOKEN_INVALID", "endpoint": "account.show_session"}
    assert login == {
        "id": login["id"],
        "kind": "login.succeeded",
        "severity": "info",
        "subject": phone.user_id,
        "user": phone.user_id,
        "address": "127.0.0.1",
        "request_id": login["request_id"],
        "count": 1,
        "first_at": login["first_at"],
        "last_at": login["first_at"],
        "detail": {"app": site.settings.wx_appid, "platform": "other"},
    }


def test_events_are_found_by_kind_severity_user_and_subject(site: Site) -> None:
    alice, bob = Phone(site), Phone(site, "bob")
    alice.login()
    bob.login()
    site.request("GET", "/v1/session", headers=FORGED)
    viewer = Operator(site, "viewer").sign_in()

    def found(query: str) -> list[str]:
        return [item["subject"] for item in listed(site, viewer, query)]

    assert found("?kind=login.succeeded") == [bob.user_id, alice.user_id]
    assert found("?severity=warning") == ["127.0.0.1"]
    assert found("?kind=login.succeeded&severity=warning") == []
    assert found(f"?user={alice.user_id}") == [alice.user_id]
    assert found("?subject=127.0.0.1") == ["127.0.0.1"]
    assert found("?subject=192.0.2.1") == []
    assert viewer.refusal("GET", "/events?kind=made.up") == "INVALID_REQUEST"


def test_pages_of_events_join_without_a_gap(site: Site) -> None:
    for user in ("alice", "bob", "carol", "dave", "erin"):
        Phone(site, user).login()
    viewer = Operator(site, "viewer").sign_in()
    seen, path = [], "?limit=2"
    events(site)
    while path:
        page = viewer.done("GET", f"/events{path}")
        seen += [item["id"] for item in page["items"]]
        path = page["next"] and f"?limit=2&cursor={page['next']}"
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


def test_a_failed_sign_in_to_the_console_is_an_event_of_its_address(site: Site) -> None:
    admin = Operator(site)
    assert admin.try_sign_in(password="not the password").status_code == 401
    admin.sign_in()
    (event,) = listed(site, admin)
    assert (event["kind"], event["subject"]) == ("admin.login_failed", "127.0.0.1")
    assert admin.name not in str(event)
