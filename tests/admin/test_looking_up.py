"""Searching, revealing and exporting are charged, audited and told."""

from __future__ import annotations

import pytest

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import alerts


@pytest.mark.settings(WXLOGIN_LIMIT_SEARCH="2/minute")
def test_searches_are_charged_to_who_searches_and_alert_over_the_limit(
    site: Site, owner: Operator
) -> None:
    other = Operator(site, "viewer").sign_in()
    body = {"id": "nobody"}
    assert [owner.ask("POST", "/users/search", json=body).status_code for _ in range(3)] == [
        200,
        200,
        429,
    ]
    other.done("POST", "/users/search", json=body)
    assert "admin_data" in {alert.rule for alert in alerts(site)}


def test_the_trail_tells_of_a_search_and_not_what_was_looked_for(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    owner.done("POST", "/users/search", json={"id": phone.user_id})
    done = owner.done("GET", "/audit", params={"target": "by:id"})["items"][0]
    assert (done["act"], done["detail"]) == ("user.search", {"found": 1})
    assert phone.user_id not in str(done)


def test_a_phone_number_is_searched_for_by_operators_alone(site: Site, owner: Operator) -> None:
    body = {"phone": "13800138000"}
    assert Operator(site, "operator").sign_in().done("POST", "/users/search", json=body)
    viewer = Operator(site, "viewer").sign_in()
    assert viewer.refusal("POST", "/users/search", json=body) == "FORBIDDEN"
    for scope, status in (("read", 403), ("operate", 200)):
        asked = Service(site, scope).ask("POST", "/admin/api/users/search", json=body)
        assert asked.status_code == status


@pytest.mark.settings(WXLOGIN_LIMIT_EXPORT="2/hour")
def test_exports_and_reveals_share_an_hourly_cap(site: Site, owner: Operator, phone: Phone) -> None:
    phone.login()
    export = f"/users/{phone.user_id}/export"
    owner.done("GET", export)
    owner.done("POST", f"/users/{phone.user_id}/reveal", json={"reason": "a complaint"})
    site.answers.clear()  # openids stand in these two alone
    assert owner.refusal("GET", export) == "RATE_LIMITED"
    assert "admin_data" in {alert.rule for alert in alerts(site)}
