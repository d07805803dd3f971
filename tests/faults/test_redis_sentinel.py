"""A primary behind sentinels: a failover loses nothing, and no old primary is believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.phone import Phone
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_process import until
from tests.harness.redis_topologies import SentinelSet, ask, is_primary
from tests.harness.site import Site
from tests.harness.traffic import WIDE, Traffic
from wxlogin.redisdb.connection import SENTINEL_MAX_AGE, connect

MakeSite = Callable[..., Site]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelSet]:
    """A primary, its replica and three sentinels, which no test breaks."""
    yield from running(SentinelSet(tmp_path_factory.mktemp("sentinels")))


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[SentinelSet]:
    """The same, for one test to break."""
    yield from running(SentinelSet(tmp_path / "sentinels"))


@pytest.fixture
def two_replicas(tmp_path: Path) -> Iterator[SentinelSet]:
    """The same with one replica more, so that after a failover there still is one."""
    yield from running(SentinelSet(tmp_path / "sentinels", replicas=2))


def running(watched: SentinelSet) -> Iterator[SentinelSet]:
    """Start all of it, and stop it whatever happens."""
    try:
        watched.start()
        yield watched
    finally:
        watched.stop()


class TestSentinels(EveryShape):
    """The same as everywhere."""

    @pytest.fixture
    def redis_url(self, watched: SentinelSet) -> str:
        """Where it is."""
        return watched.url


def test_the_servers_are_signed_in_to(watched: SentinelSet) -> None:
    """The sentinels are asked without a name: it is the servers' own."""
    for server in watched.servers:
        ask(server, "ACL SETUSER", "app", "on", ">s:cret", "~*", "&*", "+@all")
    client = connect(watched.url.replace("://", "://app:s%3Acret@"))
    assert client.server_for("any").execute_command("ACL WHOAMI") == "app"
    client.close()


@pytest.mark.slow
def test_a_failover_in_mid_traffic_loses_nothing(
    two_replicas: SentinelSet, make_site: MakeSite
) -> None:
    site = make_site(WXLOGIN_REDIS_URL=two_replicas.url, WXLOGIN_REDIS_WAIT="1", **WIDE)
    with Traffic(site) as traffic:
        traffic.wait(live=20)
        two_replicas.servers[0].kill()
        traffic.wait(refused=1)
        until(lambda: any(map(is_primary, two_replicas.replicas)), "another primary")
        traffic.wait(live=20)
    assert traffic.wrong == []
    assert len(traffic.ended) > 10
    assert traffic.lost() == []


@pytest.mark.impatient
def test_a_primary_that_hung_and_comes_back_is_not_believed(
    frail: SentinelSet, make_site: MakeSite
) -> None:
    """It takes itself for the primary for seconds, until the sentinels have set it right."""
    safe = make_site(WXLOGIN_REDIS_URL=frail.url, WXLOGIN_REDIS_WAIT="1")
    busy, idle = (make_site(WXLOGIN_REDIS_URL=frail.url) for _ in range(2))
    old, _ = frail.servers
    ended, phone = Phone(safe), Phone(busy, "bob")
    ended.login()
    assert [seen_from(site, ended) for site in (busy, idle)] == ["", ""]
    old.pause()
    until(lambda: end_from(busy, ended), "a logout at the other primary")
    phone.login()
    old.resume()
    assert is_primary(old)
    assert seen_from(idle, phone) == ""
    assert seen_from(idle, ended) == "SESSION_REVOKED"
    assert is_primary(old)


@pytest.mark.impatient
def test_too_few_replicas_are_told_as_a_fault(frail: SentinelSet, make_site: MakeSite) -> None:
    site = make_site(WXLOGIN_REDIS_URL=frail.url, WXLOGIN_REDIS_WAIT="1")
    phone, other = Phone(site), Phone(site)
    phone.login()
    frail.replicas[0].pause()
    assert site.problem(other.try_login()) == "STORE_UNAVAILABLE"
    assert phone.refusal() == ""
    logout = phone.ask("POST", "/v1/logout", json={"scope": "others"})
    assert site.problem(logout) == "STORE_UNAVAILABLE"
    frail.replicas[0].resume()
    phone.login(carry=True)
    assert phone.logout() == 1


@pytest.mark.impatient
def test_dead_or_hung_servers_are_not_waited_for(frail: SentinelSet, make_site: MakeSite) -> None:
    site = make_site(WXLOGIN_REDIS_URL=frail.url)
    phone = Phone(site)
    phone.login()
    calls = (phone.refusal, phone.refusal, lambda: site.problem(phone.try_login()))
    for part in (*frail.sentinels, *frail.servers):
        part.pause()
    assert [call() for call in calls] == ["STORE_UNAVAILABLE"] * 3
    for part in (*frail.sentinels, *frail.servers):
        part.kill()
    assert [call() for call in calls] == ["STORE_UNAVAILABLE"] * 3


def test_without_sentinels_the_primary_is_used_on(frail: SentinelSet, make_site: MakeSite) -> None:
    phone = Phone(make_site(WXLOGIN_REDIS_URL=frail.url, **WIDE))
    phone.login()
    for sentinel in frail.sentinels:
        sentinel.kill()
    asked_anew = time.monotonic() + 2 * SENTINEL_MAX_AGE
    while time.monotonic() < asked_anew:
        assert phone.refusal() == ""
    assert phone.logout() == 1


def seen_from(site: Site, phone: Phone) -> str:
    """What another worker says of the phone's token."""
    answer = site.request("GET", "/v1/session", headers=bearer(phone))
    return "" if answer.ok else site.problem(answer)


def end_from(site: Site, phone: Phone) -> bool:
    """Whether another worker acknowledged the end of the phone's session."""
    answer = site.request("POST", "/v1/logout", headers=bearer(phone))
    assert answer.ok or site.problem(answer) == "STORE_UNAVAILABLE"
    return answer.ok


def bearer(phone: Phone) -> dict[str, str]:
    """The phone's token."""
    return {"Authorization": f"Bearer {phone.token}"}
