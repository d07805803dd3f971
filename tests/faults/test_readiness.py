"""Readiness by Redis: ready while sessions are answered and written, out while they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, QueuePool
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.readiness import becomes, found
from tests.harness.redis_process import until
from tests.harness.redis_proxies import CountingProxy, StrangeRedis, Words, error
from tests.harness.redis_topologies import Cluster, ask, follows, port_of
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db
from wxlogin.redisdb.connection import POOL_SIZE

MakeSite = Callable[..., Site]
FULL = ("CONFIG SET", "maxmemory", "1")
FREE = ("CONFIG SET", "maxmemory", "0")
ALONE = ("CONFIG SET", "min-replicas-to-write", "1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own, with an address."""
    with ValkeyServer(tmp_path / "server", port=0) as server:
        yield server


@pytest.fixture
def site(server: ValkeyServer, make_site: MakeSite) -> Iterator[Site]:
    """A server on it, which is brought back for the look at what it holds."""
    yield make_site(WXLOGIN_REDIS_URL=server.url)
    server.resume()
    server.start()


def logged(site: Site, words: str) -> list[str]:
    """The lines of the log that tell of readiness in these words."""
    return [line for line in site.log.lines if "readiness" in line and words in line]


@pytest.mark.parametrize(
    ("command", "back", "state", "words"),
    [
        (FULL, FREE, "full", "raise its maxmemory"),
        (ALONE, (*ALONE[:2], "0"), "read-only", "min-replicas-to-write"),
    ],
    ids=["full", "without a replica"],
)
def test_a_redis_that_refuses_writes_is_out(
    site: Site, server: ValkeyServer, command: str, back: str, state: str, words: str
) -> None:
    becomes(site, "ok")
    ask(server, *command)
    becomes(site, "out", redis=state)
    assert site.problem(Phone(site).try_login()) == "STORE_UNAVAILABLE"
    assert len(logged(site, words)) == 1
    ask(server, *back)
    becomes(site, "ok")
    assert logged(site, "in order again")


def test_a_policy_that_evicts_is_named(
    site: Site, server: ValkeyServer, make_site: MakeSite
) -> None:
    becomes(site, "ok")
    ask(server, "CONFIG SET", "maxmemory-policy", "volatile-lru")

    def body() -> dict[str, str]:
        named: dict[str, str] = site.request("GET", "/readyz").json()
        return named

    until(lambda: body().get("maxmemory_policy") == "volatile-lru", "the policy's name")
    assert {**body(), "maxmemory_policy": "ok"} == dict.fromkeys(body(), "ok")
    assert logged(site, "set noeviction")
    later = make_site(WXLOGIN_REDIS_URL=server.url)
    warned = [line for line in later.log.lines if "maxmemory-policy is volatile-lru" in line]
    assert [line for line in warned if "wxlogin.startup" in line]
    ask(server, "CONFIG SET", "maxmemory-policy", "noeviction")
    until(lambda: "maxmemory_policy" not in body(), "a policy that is not named any more")


def test_a_replica_is_out(site: Site, server: ValkeyServer, tmp_path: Path) -> None:
    becomes(site, "ok")
    with ValkeyServer(tmp_path / "primary", port=0) as primary:
        ask(primary, "CONFIG SET", "repl-diskless-sync-delay", 0)
        ask(server, "REPLICAOF", "127.0.0.1", port_of(primary))
        until(lambda: follows(server), "a replica")
        becomes(site, "out", redis="read-only")
        ask(server, "REPLICAOF", "NO", "ONE")
        becomes(site, "ok")


@pytest.mark.impatient
@pytest.mark.parametrize("how", ["kill", "pause"])
def test_a_redis_that_does_not_answer_is_not_waited_for(
    site: Site, server: ValkeyServer, how: str
) -> None:
    becomes(site, "ok")
    getattr(server, how)()
    becomes(site, "out", redis="out")
    assert found(site)["redis"] == "out"
    server.resume()
    server.start()
    becomes(site, "ok")


@pytest.mark.settings(WXLOGIN_REDIS_WAIT="1")
def test_replicas_that_logins_wait_for_are_waited_for(site: Site) -> None:
    becomes(site, "out", redis="read-only")
    assert logged(site, "WXLOGIN_REDIS_WAIT")


def test_many_who_ask_cost_one_look_a_second(server: ValkeyServer, make_site: MakeSite) -> None:
    with CountingProxy(server.url) as proxy:
        site = make_site(WXLOGIN_REDIS_URL=proxy.url)
        becomes(site, "ok")
        before = proxy.round_trips
        together([partial(found, site)] * 12)
        # They may take more than a second on a busy machine; each look is two round trips.
        assert proxy.round_trips - before < 2 * 12


@pytest.mark.impatient
def test_many_who_ask_a_hung_redis_are_told(site: Site, server: ValkeyServer) -> None:
    becomes(site, "ok")
    server.pause()
    becomes(site, "out", redis="out")
    told = together([partial(found, site)] * 12)
    assert {one["redis"] for one in told} == {"out"}


@pytest.mark.impatient
def test_pools_that_are_used_up_are_not_waited_for(site: Site) -> None:
    becomes(site, "ok")
    pool = site.app.extensions["wxlogin"].redis.connection_pool
    with ExitStack() as stack:
        for _ in range(POOL_SIZE):
            stack.callback(pool.release, pool.get_connection())
        with site.app.app_context(), suppress(PoolTimeoutError):
            while True:
                stack.enter_context(used_up(db.engine))
        becomes(site, "out", redis="out", database="out", migrations="unknown")
        assert found(site)["database"] == "out"
    becomes(site, "ok")


def used_up(engine: Engine) -> Connection:
    """One connection more, while there are any at once."""
    pool = cast("QueuePool", engine.pool)
    if pool.checkedout() >= pool.size() + pool._max_overflow:
        raise PoolTimeoutError("none is left")
    return engine.connect()


def test_a_primary_of_a_cluster_that_is_full_is_out(tmp_path: Path, make_site: MakeSite) -> None:
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        site = make_site(WXLOGIN_REDIS_URL=cluster.url)
        becomes(site, "ok")
        for node in cluster.nodes:
            ask(node, *FULL)
            becomes(site, "out", redis="full")
            ask(node, *FREE)
            becomes(site, "ok")
    finally:
        cluster.stop()


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "full"),
        (
            "ERR Error running script (call to f_1): @user_script:3: -OOM command not allowed",
            "full",
        ),
        ("READONLY You can't write against a read only replica.", "read-only"),
        ("NOREPLICAS Not enough good replicas to write.", "read-only"),
        ("MISCONF Errors writing to the AOF file: No space left on device", "read-only"),
        ("LOADING Redis is loading the dataset in memory", "out"),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'", "out"),
        ("NOAUTH Authentication required.", "out"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "out"),
        ("NOPERM User app has no permissions to run the 'evalsha' command", "out"),
        ("BUSY Redis is busy running a script.", "out"),
        ("CLUSTERDOWN Hash slot not served", "out"),
        ("ERR max number of clients reached", "out"),
        ("ERR something that nobody has heard of", "out"),
    ],
    ids=lambda text: text.split()[0] if " " in text else text,
)
def test_each_refusal_is_503_and_told_in_one_sentence(
    server: ValkeyServer, make_site: MakeSite, refusal: str, state: str
) -> None:
    def refuse(words: Words) -> Words:
        return error(refusal) if words[0].upper().startswith(b"EVAL") else words

    with StrangeRedis(server.url, refuse) as proxy:
        site = make_site(WXLOGIN_REDIS_URL=proxy.url)
        phone = Phone(site)
        assert site.problem(phone.try_login()) == "STORE_UNAVAILABLE"
        assert found(site)["redis"] == state
        (line,) = [line for line in site.log.lines if "a store is out: " in line]
        assert "Redis" in line.partition("a store is out: ")[2] or "primary" in line
        assert "reached" in line or "nobody has heard" not in refusal
