"""Short lists, alerts and deliveries: filtered, ordered, counted, files, acted on at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.admin.forms import back_at, led_to, seen, sent
from tests.admin.people import OTHER, two_apps
from tests.harness.clock import SettableClock
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.team import Team, dispatch
from tests.harness.watched import alerts

CSV = {"Accept": "text/csv"}


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """A team's own system."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        yield team


def rows(answer: requests.Response) -> list[dict[str, str]]:
    """The rows of a file, with or without a byte-order mark."""
    assert answer.status_code == 200, answer.text
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def found(owner: Operator, path: str, field: str = "id") -> list[Any]:
    """What a list of the API has."""
    return [item[field] for item in owner.done("GET", path)["items"]]


def the_same_both_ways(owner: Operator, path: str) -> None:
    """A list is the same list from either end, page by page and as a file."""
    newest = found(owner, path)
    joint = "&" if "?" in path else "?"
    assert len(newest) > 1
    oldest = f"{path}{joint}order=oldest"
    assert found(owner, oldest) == newest[::-1]
    first = owner.done("GET", f"{oldest}&limit=1")
    rest = owner.done("GET", f"{oldest}&cursor={first['next']}")
    assert [item["id"] for item in first["items"] + rest["items"]] == newest[::-1]
    file = [row["id"].removeprefix("'") for row in rows(owner.ask("GET", oldest, headers=CSV))]
    assert file == [str(one) for one in newest[::-1]]


def test_admins_are_filtered_ordered_counted_and_a_file(site: Site, owner: Operator) -> None:
    viewer, other = Operator(site, "viewer"), Operator(site, "operator")
    owner.done("PATCH", f"/admins/{other.id}", json={"disabled": True})
    the_same_both_ways(owner, "/admins")
    assert found(owner, "/admins?role=viewer") == [viewer.id]
    assert found(owner, "/admins?disabled=true") == [other.id]
    assert other.id not in found(owner, "/admins?disabled=false")
    page = seen(owner, "/admin/admins?role=viewer")
    assert viewer.name in page
    assert "1 in all" in page
    (row,) = rows(sent(owner, "/admins.csv?role=viewer"))
    assert (row["name"], row["role"]) == (viewer.name, "viewer")


def test_tokens_are_filtered_by_permission_and_state(
    site: Site, owner: Operator, clock: SettableClock
) -> None:
    made = owner.done("POST", "/tokens", json={"name": "reports", "scopes": ["read"]})
    site.tokens.add(made["token"])
    ended = made["item"]["id"]
    clock.forward(91 * 86_400)
    owner.sign_in()
    live, revoked = Service(site, "introspect").id, Service(site, "introspect", "link").id
    owner.done("DELETE", f"/tokens/{revoked}")
    the_same_both_ways(owner, "/tokens")
    assert found(owner, "/tokens?state=active") == [live]
    assert found(owner, "/tokens?state=ended") == [ended]
    assert found(owner, "/tokens?state=revoked&scope=link") == [revoked]
    assert found(owner, "/tokens?scope=introspect") == [revoked, live]
    assert "2 in all" in seen(owner, "/admin/tokens?scope=introspect")
    (row,) = rows(sent(owner, "/tokens.csv?state=ended"))
    assert (row["id"].removeprefix("'"), row["scopes"]) == (ended, '["read"]')


def test_mini_programs_are_a_file(site: Site, owner: Operator) -> None:
    two_apps(site)
    the_same_both_ways(owner, "/apps")
    file = rows(sent(owner, "/apps.csv"))
    assert {row["appid"] for row in file} == {APPID, OTHER}
    assert not [name for name in file[0] if "secret" in name]


def test_webhooks_and_their_deliveries_are_filtered_and_files(
    site: Site, owner: Operator, team: Team, phone: Phone
) -> None:
    body = {"url": team.url, "events": ["user.created", "user.logged_in"]}
    made = owner.done("POST", "/webhooks", json=body)
    paused = owner.done("POST", "/webhooks", json=body)
    site.tokens |= {made["secret"], paused["secret"]}
    owner.done("PATCH", f"/webhooks/{paused['id']}", json={"enabled": False})
    phone.login()
    dispatch(site)
    the_same_both_ways(owner, "/webhooks")
    assert found(owner, "/webhooks?state=paused") == [paused["id"]]
    assert found(owner, "/webhooks?state=active") == [made["id"]]
    assert found(owner, "/webhooks?state=failing") == []
    path = f"/webhooks/{made['id']}/deliveries"
    the_same_both_ways(owner, path)
    assert found(owner, f"{path}?status=delivered&type=user.created", "type") == ["user.created"]
    assert found(owner, f"{path}?status=failed") == []
    assert found(owner, f"{path}?until=2020-01-01T00:00:00Z") == []
    page = seen(owner, f"/admin/webhooks/{made['id']}?type=user.created")
    assert "1 in all" in page
    (row,) = rows(sent(owner, f"{path}.csv?type=user.created"))
    assert (row["type"], row["status"]) == ("user.created", "delivered")
    act = owner.done("GET", "/audit")["items"][0]
    assert (act["act"], act["target"]) == ("webhook.export_deliveries", f"webhook:{made['id']}")


def test_deliveries_that_failed_are_sent_again_after_one_question(
    site: Site, owner: Operator, team: Team
) -> None:
    body = {"url": team.url, "events": ["user.created"]}
    made = owner.done("POST", "/webhooks", json=body)
    site.tokens.add(made["secret"])
    team.answer = lambda _number: 500
    webhook = f"/webhooks/{made['id']}"
    failed = [str(owner.done("POST", f"{webhook}/test")["id"]) for _ in range(2)]
    assert found(owner, f"{webhook}/deliveries?status=failed") == failed[::-1]
    form = {"selected": [*failed, "999999"], "act": "replay"}
    url = led_to(sent(owner, f"{webhook}/selected", **form))
    assert "Send 3 deliveries again?" in seen(owner, url)
    answer = sent(owner, url.removeprefix("/admin"))
    assert "2 deliveries are sent again." in back_at(owner, answer)
    assert found(owner, f"{webhook}/deliveries?status=pending") == failed[::-1]
    for delivery in failed:
        (act,) = owner.trail(f"delivery:{delivery}")
        assert (act["act"], act["outcome"]) == ("webhook.replay", "done")


@pytest.mark.settings(WXLOGIN_RULE_FAIL_IP="3/10minutes", WXLOGIN_TRUSTED_HOPS="1")
class TestAlerts:
    """Alerts about three addresses."""

    @pytest.fixture(autouse=True)
    def attacked(self, site: Site) -> None:
        """Forge tokens from three addresses."""
        for address in ("203.0.113.7", "203.0.113.8", "203.0.113.9"):
            forged = {"Authorization": "Bearer wxs_" + "A" * 108, "X-Forwarded-For": address}
            for _ in range(4):
                site.request("GET", "/v1/session", headers=forged)
        assert len(alerts(site)) == 3

    def test_they_are_ordered_and_a_file(self, owner: Operator) -> None:
        the_same_both_ways(owner, "/alerts?open=true")
        assert "Oldest first" in seen(owner, "/admin/alerts?order=oldest")
        file = rows(sent(owner, "/alerts.csv?open=true"))
        assert {row["rule"] for row in file} == {"fail_ip"}
        assert len(file) == 3

    def test_several_are_acknowledged_after_one_question(self, owner: Operator) -> None:
        ids = found(owner, "/alerts")
        owner.done("POST", f"/alerts/{ids[2]}/acknowledge", json={"note": "mine"})
        form = {"selected": [*ids, 999999], "act": "acknowledge"}
        url = led_to(sent(owner, "/alerts/selected", **form))
        assert "Acknowledge 4 alerts?" in seen(owner, url)
        answer = sent(owner, url.removeprefix("/admin"), note="our own test")
        assert "2 alerts are acknowledged." in back_at(owner, answer)
        assert found(owner, "/alerts", "note") == ["our own test", "our own test", "mine"]
        assert found(owner, "/alerts?open=true") == []
        (act,) = owner.trail(f"alert:{ids[0]}")
        assert (act["act"], act["reason"]) == ("alert.acknowledge", "our own test")

    def test_who_only_reads_ticks_nothing(self, site: Site) -> None:
        reader = Operator(site, "auditor").sign_in()
        page = seen(reader, "/admin/alerts")
        assert 'name="selected"' not in page
        assert 'action="/admin/alerts.csv' in page
        assert sent(reader, "/alerts/selected", selected="1").status_code == 403
