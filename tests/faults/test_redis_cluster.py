"""A cluster: whatever wxlogin does works there, and a failover loses and refuses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.exceptions import AskError

from tests.harness.clock import SettableClock
from tests.harness.phone import Phone
from tests.harness.redis_contract import EveryShape
from tests.harness.redis_process import until
from tests.harness.redis_topologies import Cluster, ask, is_primary
from tests.harness.site import Site
from tests.harness.traffic import WIDE, Traffic
from wxlogin.redisdb import Scripts, connect, keys
from wxlogin.sessions.slots import SlotCall, Slots
from wxlogin.wiring import SCRIPT_FOLDERS


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three nodes, which no test breaks."""
    yield from running(Cluster(tmp_path_factory.mktemp("cluster")))


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes and their replicas, for one test to break."""
    yield from running(Cluster(tmp_path / "cluster", replicated=True))


def running(cluster: Cluster) -> Iterator[Cluster]:
    """Start it, and stop it whatever happens."""
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class TestCluster(EveryShape):
    """The same as everywhere."""

    @pytest.fixture
    def redis_url(self, cluster: Cluster) -> str:
        """Where it is."""
        return cluster.url


def test_the_nodes_are_signed_in_to(cluster: Cluster) -> None:
    for node in cluster.nodes:
        ask(node, "ACL SETUSER", "app", "on", ">s:cret", "~*", "&*", "+@all")
    client = connect(cluster.url.replace("://", "://app:s%3Acret@"))
    assert client.server_for("any").execute_command("ACL WHOAMI") == "app"
    client.close()


@pytest.mark.slow
def test_a_failover_in_mid_traffic_loses_nothing(
    frail: Cluster, make_site: Callable[..., Site]
) -> None:
    site = make_site(WXLOGIN_REDIS_URL=frail.url, WXLOGIN_REDIS_WAIT="1", **WIDE)
    with Traffic(site) as traffic:
        traffic.wait(live=20)
        frail.primaries[0].kill()
        traffic.wait(refused=1)
        until(lambda: is_primary(frail.replicas[0]), "a replica in the primary's place")
        traffic.wait(live=20)
    assert traffic.wrong == []
    assert len(traffic.ended) > 10
    assert traffic.lost() == []


@pytest.mark.impatient
def test_a_dead_or_hung_cluster_is_not_waited_for(
    frail: Cluster, make_site: Callable[..., Site]
) -> None:
    site = make_site(WXLOGIN_REDIS_URL=frail.url)
    phone = Phone(site)
    phone.login()
    calls = (phone.refusal, phone.refusal, lambda: site.problem(phone.try_login()))
    for node in frail.nodes:
        node.pause()
    assert [call() for call in calls] == ["STORE_UNAVAILABLE"] * 3
    for node in frail.nodes:
        node.kill()
    assert [call() for call in calls] == ["STORE_UNAVAILABLE"] * 3


def test_a_slot_that_moved_is_followed(cluster: Cluster) -> None:
    client = connect(cluster.url)
    scripts = Scripts(client, SCRIPT_FOLDERS)
    calls: dict[str, Callable[[str], object]] = {
        "moved-1": lambda name: client.set(name, "1", nx=True, px=60_000),
        "moved-2": lambda name: scripts.call_once("charge", [name], 1, 60_000) == 1,
    }
    for name, call in calls.items():
        assert client.exists(name) == 0
        cluster.begin_move(name)
        cluster.end_move(name)
        until(lambda: time.monotonic() > client.earliest_refresh, "a time to look again")
        assert call(name)
        assert ask(cluster.owner(name), "GET", name) == "1"
        client.delete(name)
    client.close()


def test_a_slot_on_the_move_is_a_fault_and_no_answer(cluster: Cluster) -> None:
    """The session may lie on either node, so neither can say that there is none."""
    client = connect(cluster.url)
    name = keys.index("moving")
    cluster.begin_move(name)
    with pytest.raises(AskError):
        Slots(Scripts(client, SCRIPT_FOLDERS), SettableClock()).call(SlotCall("list", "moving"))
    cluster.end_move(name)
    client.close()
