"""Live sessions of all users: the list, and the end of one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from wxlogin.redisdb import keys


@pytest.fixture
def phones(site: Site) -> list[Phone]:
    """Three users signed in, a second apart."""
    phones = [Phone(site, name, device_name=f"{name}'s") for name in ("alice", "bob", "carol")]
    for phone in phones:
        phone.login()
        site.clock.forward(1)
    return phones


def pages(owner: Operator, limit: int) -> list[dict[str, Any]]:
    """Every page of the list, from the first to the one without `next`."""
    found = [owner.done("GET", f"/sessions?limit={limit}")]
    while cursor := found[-1]["next"]:
        found.append(owner.done("GET", f"/sessions?limit={limit}&cursor={cursor}"))
    return found


def test_live_sessions_are_listed_newest_first(owner: Operator, phones: list[Phone]) -> None:
    page = owner.done("GET", "/sessions")
    assert page["next"] is None
    assert [item["user"] for item in page["items"]] == [phone.user_id for phone in phones][::-1]
    newest = page["items"][0]
    shown = phones[2].ask("GET", "/v1/sessions").json()["sessions"][0]
    assert newest["id"] == f"{phones[2].user_id}.{phones[2].session_id}"
    assert newest["app"] == APPID
    same = ("platform", "device_name", "ip", "region", "created_at", "expires_at", "max_expires_at")
    assert {name: newest[name] for name in same} == {name: shown[name] for name in same}


def test_pages_follow_one_another(owner: Operator, phones: list[Phone]) -> None:
    found = pages(owner, 1)
    users = [item["user"] for page in found for item in page["items"]]
    assert users == [phone.user_id for phone in phones][::-1]


def test_a_session_that_ended_is_not_listed(owner: Operator, phones: list[Phone]) -> None:
    phones[0].logout()
    phones[1].login(carry=True)
    listed = {item["id"] for page in pages(owner, 1) for item in page["items"]}
    assert listed == {f"{phone.user_id}.{phone.session_id}" for phone in phones[1:]}


def test_an_operator_ends_one_session(site: Site, phones: list[Phone]) -> None:
    operator = Operator(site, "operator").sign_in()
    session = f"{phones[0].user_id}.{phones[0].session_id}"
    assert operator.done("DELETE", f"/sessions/{session}") == {"ended": 1}
    assert [phone.refusal() for phone in phones] == ["SESSION_REVOKED", "", ""]
    assert operator.refusal("DELETE", f"/sessions/{session}") == "NOT_FOUND"
    refused, done = operator.done("GET", f"/audit?target=user:{phones[0].user_id}")["items"]
    assert (done["act"], done["outcome"], refused["outcome"]) == ("session.end", "done", "refused")
    assert done["actor"] == f"admin:{operator.name}"
    assert done["detail"] == {"session": phones[0].session_id}


@pytest.mark.parametrize("handle", ["x", "a.b", "A" * 22, f"{'A' * 22}.{'B' * 22}", "*.*", "}.{"])
def test_what_is_no_live_session_is_not_found(owner: Operator, handle: str) -> None:
    assert owner.refusal("DELETE", f"/sessions/{handle}") == "NOT_FOUND"


def test_the_index_out_of_order_fails_no_login(
    site: Site, owner: Operator, phones: list[Phone]
) -> None:
    for shard in site.redis.keys("wxl:1:live:*"):
        site.redis.delete(shard)
    for shard in range(64):
        site.redis.set(keys.live(shard), "no sorted set", px=60_000)
    phones[0].login()
    assert phones[0].refusal() == ""
    assert phones[0].logout() == 1
    assert any("not in the index" in line for line in site.log.lines)


def test_a_service_reads_and_ends_by_its_scopes(site: Site, phones: list[Phone]) -> None:
    reader, doer = Service(site, "read"), Service(site, "operate")
    items = reader.ask("GET", "/admin/api/sessions").json()["items"]
    path = f"/admin/api/sessions/{items[0]['id']}"
    assert site.problem(reader.ask("DELETE", path)) == "FORBIDDEN"
    assert doer.ask("DELETE", path).json() == {"ended": 1}
