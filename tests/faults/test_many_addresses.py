"""An attacker with thousands of addresses does not fill the tables and Redis with them."""

from __future__ import annotations

import pytest

from tests.harness.site import Site
from tests.harness.watched import alerts, events
from wxlogin.limits import failures
from wxlogin.limits.errors import RateLimited
from wxlogin.watch import folding
from wxlogin.watch.events import AdminEvent, Event, Kind

ADDRESSES = 700
BEHIND_A_PROXY = pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_RULE_FAIL_IP="200/hour")
COUNTERS_OF_RULES = 4


@BEHIND_A_PROXY
def test_forged_tokens_of_many_networks_are_few_rows_and_few_keys(site: Site) -> None:
    client = site.app.test_client()
    for n in range(ADDRESSES):
        headers = {
            "Authorization": "Bearer wxs_" + "A" * 108,
            "X-Forwarded-For": f"2001:db8:{n:x}::1",
        }
        assert client.get("/v1/session", headers=headers).status_code == 401
    found = events(site)
    site.services.limits.failures.flush()
    assert len(found) == folding.MOST_ADDRESSES + 1
    assert sum(row.count for row in found) == ADDRESSES
    [others] = [row for row in found if row.subject == "others"]
    assert (others.kind, others.address, others.count) == (
        "token.forged",
        "",
        ADDRESSES - folding.MOST_ADDRESSES,
    )
    assert [(alert.rule, alert.subject) for alert in alerts(site)] == [("fail_ip", "others")]
    bound = failures.MOST_SENT + COUNTERS_OF_RULES * (folding.MOST_ADDRESSES + 1)
    assert len(site.redis.keys("*")) <= bound


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_an_address_beyond_the_bound_is_refused_by_the_worker_s_own_count(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_SENT", 2)
    counted, rates = site.services.limits.failures, site.services.limits.rates
    for n in range(5):
        counted.count(f"192.0.2.{n}", "fail_token")
    for _ in range(3):
        counted.refuse_known("192.0.2.4", "fail_token")
        counted.count("192.0.2.4", "fail_token")
    counted.flush()
    assert len(site.redis.keys("*fail_token*")) == 2
    with pytest.raises(RateLimited):
        rates.refuse_known("192.0.2.4", "fail_token")
    rates.refuse_known("192.0.2.3", "fail_token")
    site.clock.forward(60)
    rates.refuse_known("192.0.2.4", "fail_token")
    counted.count("192.0.2.4", "fail_token")
    counted.flush()
    assert len(site.redis.keys("*192.0.2.4*")) == 1


def test_each_kind_and_minute_folds_by_itself(site: Site) -> None:
    recorder = site.services.watch.recorder
    for n in range(folding.MOST_ADDRESSES + 5):
        recorder.record(Event(kind=Kind.TOKEN_FORGED, address=f"10.0.{n}.1"))
    recorder.record(Event(kind=Kind.CODE_INVALID, address="192.0.2.1"))
    site.clock.forward(60)
    recorder.record(Event(kind=Kind.TOKEN_FORGED, address="192.0.2.1"))
    assert sum(row.count for row in events(site) if row.subject == "others") == 5
    assert len(events(site)) == folding.MOST_ADDRESSES + 3


def test_what_an_admin_did_is_never_folded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MOST_ADDRESSES", 2)
    for n in range(5):
        event = AdminEvent(kind=Kind.ADMIN_CREATED, by="admin:lily", address=f"192.0.2.{n}")
        site.services.watch.recorder.record(event)
    assert len(events(site)) == 5


def test_users_are_never_folded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MOST_ADDRESSES", 2)
    for n in range(5):
        event = Event(kind=Kind.LOGIN_SUCCEEDED, user=f"user{n}", address=f"192.0.2.{n}")
        site.services.watch.recorder.record(event)
    assert len(events(site)) == 5
