"""Alerts for operators: listed with what an operator needs, and acknowledged once."""

from __future__ import annotations

import pytest

from tests.admin.forms import seen
from tests.harness.console import Operator, Service
from tests.harness.site import Site
from tests.harness.watched import alerts
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.alert_words import rule_words

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}

pytestmark = pytest.mark.settings(WXLOGIN_RULE_FAIL_IP="3/10minutes")


@pytest.fixture
def attacked(site: Site, owner: Operator) -> int:
    """The number of an alert on forged tokens."""
    for _ in range(4):
        site.request("GET", "/v1/session", headers=FORGED)
    assert [alert.rule for alert in alerts(site)] == ["fail_ip"]
    return int(owner.done("GET", "/alerts")["items"][0]["id"])


def page(operator: Operator, path: str = "/alerts") -> str:
    """A page of the console, in English."""
    cookies = {"wxlogin_admin": operator.cookie, "wxlogin_language": "en"}
    answer = operator.site.request("GET", f"/admin{path}", cookies=cookies)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_alert_says_what_whom_how_much_and_what_to_do(
    site: Site, owner: Operator, attacked: int
) -> None:
    (alert,) = owner.done("GET", "/alerts")["items"]
    rule = BY_NAME["fail_ip"]
    assert alert == {
        "id": attacked,
        "rule": "fail_ip",
        "title": rule.title,
        "severity": rule.severity,
        "subject_kind": "address",
        "subject": "127.0.0.1",
        "count": 4,
        "window": 600,
        "threshold": 3,
        "logins": 0,
        "failures": 0,
        "advice": rule.advice,
        "at": alert["at"],
        "delivered_at": None,
        "over_at": None,
        "acknowledged_at": None,
        "acknowledged_by": None,
        "note": None,
    }


def test_who_acknowledges_stands_beside_the_alert(
    site: Site, owner: Operator, attacked: int
) -> None:
    operator = Operator(site, "operator").sign_in()
    site.clock.forward(60)
    alert = operator.done("POST", f"/alerts/{attacked}/acknowledge", json={"note": "our own test"})
    assert (alert["id"], alert["note"]) == (attacked, "our own test")
    assert alert["acknowledged_by"] == f"admin:{operator.name}"
    assert alert["acknowledged_at"] > alert["at"]
    assert owner.done("GET", "/alerts")["items"] == [alert]
    (act,) = owner.trail(f"alert:{attacked}")
    assert (act["act"], act["outcome"]) == ("alert.acknowledge", "done")
    assert (act["actor"], act["reason"]) == (f"admin:{operator.name}", "our own test")


def test_now_shows_the_open_alerts_alone(owner: Operator, attacked: int) -> None:
    now = page(owner, "/status")
    assert BY_NAME["fail_ip"].title in now
    assert "in 10 minutes, over 3" in now
    assert f"/admin/alerts/{attacked}/acknowledge" in now
    owner.done("POST", f"/alerts/{attacked}/acknowledge")
    assert BY_NAME["fail_ip"].title not in page(owner, "/status")


def test_the_page_that_asks_names_the_rule_in_its_language(owner: Operator, attacked: int) -> None:
    path = f"/admin/alerts/{attacked}/acknowledge"
    assert rule_words("fail_ip", "zh").title in seen(owner, path, "zh")


def test_the_first_acknowledgement_stays(site: Site, owner: Operator, attacked: int) -> None:
    first = owner.done("POST", f"/alerts/{attacked}/acknowledge", json={})
    site.clock.forward(60)
    service = Service(site, "operate")
    path = f"/admin/api/alerts/{attacked}/acknowledge"
    assert service.ask("POST", path, json={"note": "me too"}).json() == first
    assert (first["acknowledged_by"], first["note"]) == (f"admin:{owner.name}", None)


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_not_act_sees_alerts_and_acknowledges_none(
    site: Site, owner: Operator, attacked: int, role: str
) -> None:
    reader = Operator(site, role).sign_in()  # type: ignore[arg-type]
    assert reader.done("GET", "/alerts") == owner.done("GET", "/alerts")
    assert reader.refusal("POST", f"/alerts/{attacked}/acknowledge", json={}) == "FORBIDDEN"
    assert "/acknowledge" not in page(reader)


def test_alerts_are_found_by_state_and_rule_and_paged(
    site: Site, owner: Operator, attacked: int
) -> None:
    site.clock.forward(3600)
    owner.sign_in()
    for _ in range(4):
        site.request("GET", "/v1/session", headers=FORGED)
    newer, older = (alert.id for alert in reversed(alerts(site)))
    owner.done("POST", f"/alerts/{older}/acknowledge", json={})

    def found(query: str) -> list[int]:
        return [item["id"] for item in owner.done("GET", f"/alerts?{query}")["items"]]

    assert found("open=true") == [newer]
    assert found("open=false") == [older]
    assert found("rule=fail_ip") == [newer, older]
    assert found("rule=wx_errors") == []
    cursor = owner.done("GET", "/alerts?limit=1")["next"]
    assert found(f"limit=1&cursor={cursor}") == [older]
    assert owner.refusal("GET", f"/alerts?rule=fail_ip&cursor={cursor}") == "INVALID_REQUEST"
    assert owner.refusal("GET", "/alerts?open=perhaps") == "INVALID_REQUEST"


NO_ALERTS = ["0", "999", "x", "9" * 30, "-1", "%00", "٣"]


def test_what_is_no_alert_is_not_found(owner: Operator, subtests: pytest.Subtests) -> None:
    for number in NO_ALERTS:
        with subtests.test(number=number):
            target = f"alert:{number}" if number.isalnum() and number.isascii() else "a"
            assert owner.refusal("POST", f"/alerts/{number}/acknowledge", json={}) == "NOT_FOUND"
            assert owner.trail(target) == []


@pytest.mark.parametrize("note", ["", "x" * 201, "a\nb", 7])
def test_a_note_is_a_line(owner: Operator, attacked: int, note: object) -> None:
    body = {"note": note}
    assert owner.refusal("POST", f"/alerts/{attacked}/acknowledge", json=body) == "INVALID_REQUEST"
    assert owner.done("GET", "/alerts?open=true")["items"]


def test_every_page_tells_how_many_alerts_are_open(owner: Operator, attacked: int) -> None:
    badge = '<span class="badge bad" title="Open alerts">1</span>'
    assert badge in page(owner, "/users")
    answer = owner.site.request(
        "POST",
        f"/admin/alerts/{attacked}/acknowledge",
        data={"csrf_token": owner.csrf_token, "note": "our own test"},
        cookies={"wxlogin_admin": owner.cookie},
        allow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/alerts")
    assert badge not in page(owner, "/users")
    shown = page(owner)
    assert "our own test" in shown
    assert owner.name in shown.rpartition("our own test")[0][-400:]
    assert f"admin:{owner.name}" not in shown


def test_the_page_leads_from_an_alert_to_its_events_without_naming_the_address(
    owner: Operator, attacked: int
) -> None:
    shown = page(owner)
    assert BY_NAME["fail_ip"].advice in shown
    link = shown.partition('href="/admin/events?filter=')[2].partition('"')[0]
    assert "token.forged" in page(owner, f"/events?filter={link}")
    assert "?address" not in shown
