"""Webhooks over the API: made, changed, tested, sent again; their secrets are shown once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.team import Team, dispatch, verify

NOBODY = "nobody-of-this-id-0000"


@pytest.fixture
def team(site: Site) -> Iterator[Team]:
    """A team's own system."""
    site.services.webhooks.dispatcher._routing.refuse_new()
    with Team() as team:
        yield team


def made(owner: Operator, team: Team, *events: str, **more: Any) -> dict[str, Any]:
    """A webhook of these events."""
    body = {"url": team.url, "events": events or ["user.logged_in"], **more}
    answer = owner.done("POST", "/webhooks", json=body)
    owner.site.tokens.add(answer["secret"])
    return answer


def test_a_webhook_is_made_shown_changed_and_removed(owner: Operator, team: Team) -> None:
    answer = made(owner, team, "user.created", "user.erased", apps=[APPID])
    assert set(answer) == {"id", "secret"}
    assert answer["secret"].startswith("whsec_")
    path = f"/webhooks/{answer['id']}"
    (listed,) = owner.done("GET", "/webhooks")["items"]
    assert listed == owner.done("GET", path)
    assert listed["url"] == team.url
    assert listed["events"] == ["user.created", "user.erased"]
    assert (listed["apps"], listed["enabled"]) == ([APPID], True)
    changed = owner.done("PATCH", path, json={"enabled": False, "events": ["user.banned"]})
    assert (changed["enabled"], changed["events"]) == (False, ["user.banned"])
    owner.done("DELETE", path)
    assert owner.ask("GET", path).status_code == 404
    told = {entry["act"] for entry in owner.trail(f"webhook:{answer['id']}")}
    assert told == {"webhook.change", "webhook.remove"}


WRONG = [
    ({"url": "ftp://example.com/"}, "url"),
    ({"url": "http://a:b@example.com/"}, "url"),
    ({"events": []}, "events"),
    ({"events": ["user.unknown"]}, "events.0"),
    ({"apps": ["wx00000000000000ff"]}, "apps"),
    ({"more": 1}, "more"),
]


def test_a_webhook_that_cannot_be_is_refused_by_field(
    owner: Operator, team: Team, subtests: pytest.Subtests
) -> None:
    for wrong, field in WRONG:
        with subtests.test(wrong=wrong, field=field):
            body = {"url": team.url, "events": ["user.created"], **wrong}
            answer = owner.ask("POST", "/webhooks", json=body)
            assert answer.status_code == 400
            assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_a_test_is_sent_at_once_and_once(owner: Operator, team: Team) -> None:
    answer = made(owner, team)
    path = f"/webhooks/{answer['id']}"
    sent = owner.done("POST", f"{path}/test")
    verify(answer["secret"], team.got[0])
    assert (sent["type"], sent["status"], sent["status_code"]) == ("webhook.test", "delivered", 204)
    assert sent["body"] == team.got[0].body
    assert sent["event"] == team.got[0].id
    owner.done("PATCH", path, json={"enabled": False})
    team.answer = lambda _number: 500
    failed = owner.done("POST", f"{path}/test")
    assert (failed["status"], failed["fault"], failed["next_at"]) == ("failed", "status 500", None)
    assert owner.done("GET", path)["failing_since"] is None


def test_deliveries_are_listed_page_by_page_and_sent_again_as_they_were(
    owner: Operator, team: Team, phone: Phone
) -> None:
    answer = made(owner, team, "user.created", "user.logged_in")
    phone.login()
    dispatch(owner.site)
    path = f"/webhooks/{answer['id']}/deliveries"
    first = owner.done("GET", f"{path}?limit=1")
    second = owner.done("GET", f"{path}?limit=1&cursor={first['next']}")
    assert [page["items"][0]["type"] for page in (first, second)] == [
        "user.logged_in",
        "user.created",
    ]
    assert second["next"] is None
    (delivery,) = second["items"]
    again = owner.done("POST", f"/deliveries/{delivery['id']}/replay")
    assert (again["id"], again["status"], again["attempts"]) == (delivery["id"], "pending", 0)
    dispatch(owner.site)
    before, _, after = team.got
    assert (before.id, before.body) == (after.id, after.body)


def test_a_secret_is_replaced_and_shown(owner: Operator, team: Team, phone: Phone) -> None:
    answer = made(owner, team)
    fresh = owner.done("POST", f"/webhooks/{answer['id']}/secret")
    owner.site.tokens.add(fresh["secret"])
    assert fresh["id"] == answer["id"]
    phone.login()
    dispatch(owner.site)
    for secret in (answer["secret"], fresh["secret"]):
        verify(secret, team.got[0])


NOT_THERE = [
    ("GET", f"/webhooks/{NOBODY}"),
    ("GET", f"/webhooks/{NOBODY}/deliveries"),
    ("DELETE", f"/webhooks/{NOBODY}"),
    ("POST", f"/webhooks/{NOBODY}/test"),
    ("POST", f"/webhooks/{NOBODY}/secret"),
    ("POST", "/deliveries/1/replay"),
    ("POST", "/deliveries/99999999999999999999/replay"),
    ("POST", f"/deliveries/{NOBODY}/replay"),
]


def test_what_is_not_there_is_not_found(owner: Operator, subtests: pytest.Subtests) -> None:
    for method, path in NOT_THERE:
        with subtests.test(method=method, path=path):
            answer = owner.ask(method, path)
            assert owner.site.problem(answer) == "NOT_FOUND"


def test_an_operator_sees_webhooks_and_changes_none(
    site: Site, owner: Operator, team: Team
) -> None:
    answer = made(owner, team)
    operator = Operator(site, "operator").sign_in()
    assert operator.ask("GET", f"/webhooks/{answer['id']}").status_code == 200
    refused = operator.ask("POST", f"/webhooks/{answer['id']}/test")
    assert site.problem(refused) == "FORBIDDEN"
