"""Lists as CSV: all that is filtered, safe for spreadsheets, charged and audited."""

from __future__ import annotations

import csv
import io

import pytest
import requests

from tests.admin.people import number, signed_in, told
from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import alerts, events
from wxlogin.openapi import CSV_LISTS

CSV = {"Accept": "text/csv"}
NAMES = ["users", "sessions", "events", "audit"]


def rows(answer: requests.Response) -> list[dict[str, str]]:
    """The rows of a file by its header."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def ids(found: list[dict[str, str]]) -> list[str]:
    """The ids of rows, without the apostrophe of those that begin with a dash."""
    return [row["id"].removeprefix("'") for row in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_the_columns_of_the_list(site: Site, owner: Operator, name: str) -> None:
    signed_in(site)
    events(site)
    answer = owner.ask("GET", f"/{name}", headers=CSV)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    (row, *_) = rows(answer)
    (item, *_) = owner.done("GET", f"/{name}")["items"]
    columns = set(row) - {"ban_reason", "ban_until"} | ({"ban"} if "ban" in item else set())
    assert columns == set(item)
    if name != "audit":
        assert ids([row]) == [str(item["id"])]


def test_a_file_has_everything_unless_a_limit_is_given(site: Site, owner: Operator) -> None:
    for number_ in range(60):
        Phone(site, f"user{number_}").login()
    listed = owner.done("GET", "/users?limit=200")["items"]
    found = rows(owner.ask("GET", "/users", headers=CSV))
    assert ids(found) == [item["id"] for item in listed]
    few = rows(owner.ask("GET", "/users?limit=7", headers=CSV))
    assert ids(few) == [item["id"] for item in listed[:7]]
    first = owner.done("GET", "/users?limit=50")
    rest = rows(owner.ask("GET", f"/users?cursor={first['next']}", headers=CSV))
    assert ids(rest) == [item["id"] for item in listed[50:]]


@pytest.mark.parametrize("name", NAMES)
def test_rows_beyond_one_step_follow(
    site: Site, owner: Operator, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin.admin.csv_lists.STEP", 2)
    for user in ("alice", "bob", "carol", "dave", "erin"):
        Phone(site, user).login()
        owner.sign_in()
    events(site)
    listed = [str(item["id"]) for item in owner.done("GET", f"/{name}")["items"]]
    found = ids(rows(owner.ask("GET", f"/{name}", headers=CSV)))
    assert len(found) >= 5
    assert found[-5:] == listed[-5:]


def test_a_file_has_what_the_filter_lets_through(site: Site, owner: Operator) -> None:
    alice, _ = Phone(site), Phone(site, "bob").login()
    alice.login()
    owner.done("POST", f"/users/{alice.user_id}/ban", json={"reason": "spam"})
    (row,) = rows(owner.ask("GET", "/users?banned=true", headers=CSV))
    assert (ids([row]), row["ban_reason"], row["ban_until"]) == ([alice.user_id], "spam", "")
    assert owner.refusal("GET", "/users?banned=x", headers=CSV) == "INVALID_REQUEST"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1"])
def test_no_cell_is_a_formula(site: Site, owner: Operator, name: str) -> None:
    Phone(site, device_name=name).login()
    (row,) = rows(owner.ask("GET", "/sessions", headers=CSV))
    assert row["device_name"] == f"'{name}"


def test_personal_data_is_masked_as_in_the_list(site: Site, owner: Operator) -> None:
    phone = told(signed_in(site))
    (row,) = rows(owner.ask("GET", "/users", headers=CSV))
    (item,) = owner.done("GET", "/users")["items"]
    assert row["phone"] == item["phone"] != number(phone)


def test_who_prefers_json_gets_json(owner: Operator) -> None:
    for accept in ("*/*", "application/json", "application/json, text/csv", "text/csv;q=0.5, */*"):
        answer = owner.ask("GET", "/users", headers={"Accept": accept})
        assert answer.headers["Content-Type"] == "application/json", accept


def test_a_file_is_one_act_that_says_what_was_asked_for_and_how_much(
    site: Site, owner: Operator, phone: Phone
) -> None:
    phone.login()
    rows(owner.ask("GET", "/sessions?platform=other&address=127.0.0.1", headers=CSV))
    act = owner.done("GET", "/audit")["items"][0]
    assert (act["act"], act["target"], act["outcome"]) == (
        "session.export_list",
        "sessions",
        "done",
    )
    told_ = {"platform": "other", "address": "given"}
    assert act["detail"] == {"filters": told_, "rows": 1}


@pytest.mark.settings(WXLOGIN_LIMIT_EXPORT="2/hour")
def test_files_are_charged_as_exports(site: Site, owner: Operator) -> None:
    other = Operator(site, "viewer").sign_in()
    assert owner.ask("GET", "/users", headers=CSV).ok
    assert owner.ask("GET", "/audit", headers=CSV).ok
    assert owner.refusal("GET", "/events", headers=CSV) == "RATE_LIMITED"
    assert other.ask("GET", "/users", headers=CSV).ok
    assert "admin_data" in {alert.rule for alert in alerts(site)}


def test_a_store_that_is_out_is_told_in_the_status(site: Site, owner: Operator) -> None:
    with site.services.watch.audit._sql.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_entry RENAME TO audit_gone")
    assert owner.refusal("GET", "/users", headers=CSV) == "STORE_UNAVAILABLE"


def test_no_connection_is_held_while_the_reader_is_slow(
    site: Site, owner: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin.admin.csv_lists.STEP", 1)
    for user in ("alice", "bob"):
        Phone(site, user).login()
    pool = site.services.watch.audit._sql.pool
    answer = owner.ask("GET", "/users", headers=CSV, stream=True)
    with answer:
        next(answer.iter_content(10))
        assert pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_service_with_the_scope_read_gets_files(site: Site, phone: Phone) -> None:
    phone.login()
    answer = Service(site, "read").ask("GET", "/admin/api/users", headers=CSV)
    assert ids(rows(answer)) == [phone.user_id]


def test_the_document_says_which_lists_are_files_too(site: Site) -> None:
    paths = site.request("GET", "/v1/openapi.json").json()["paths"]
    told_ = {
        path
        for path, calls in paths.items()
        if "text/csv" in calls.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    }
    assert told_ == set(CSV_LISTS)
