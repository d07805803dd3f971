"""A server of Redis is reconciled before it is used, once for all who use it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import cast

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.harness.crowd import together
from tests.harness.redis_process import until
from tests.harness.redis_proxies import StrangeRedis, refusing
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import ReconciledServers, connect, keys, reconciled_servers
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.reconciled_servers import server_id

Open = Callable[..., Server]


@pytest.fixture
def runs() -> list[str]:
    """What each reconciliation found in Redis."""
    return []


@pytest.fixture
def opened(valkey_tcp: ValkeyServer, runs: list[str]) -> Open:
    """Opens a worker's client of a server with a key in it; its reconciliation is noted."""

    def reconcile(client: Server) -> None:
        runs.append(cast("str", client.get("left")))

    def opened(url: str = "", reconcile: Callable[[Server], None] = reconcile) -> Server:
        url = url or valkey_tcp.url
        return connect(url, ReconciledServers(partial(connect, url), reconcile).require)

    with connect(valkey_tcp.url) as client:
        client.set("left", "here", px=60_000)
    return opened


def test_many_connections_and_workers_reconcile_once(opened: Open, runs: list[str]) -> None:
    first, second = opened(), opened()
    assert together([partial(first.get, "left")] * 8) == ["here"] * 8
    assert second.get("left") == "here"
    assert runs == ["here"]


def test_a_server_that_starts_again_is_reconciled_again(
    opened: Open, runs: list[str], valkey_tcp: ValkeyServer
) -> None:
    client = opened()
    client.get("left")
    valkey_tcp.restart()
    until(lambda: client.get("left") == "here", "an answer of the new server")
    assert runs == ["here"] * 2


def test_an_empty_server_has_nothing_to_end(
    opened: Open, runs: list[str], valkey_tcp: ValkeyServer
) -> None:
    with connect(valkey_tcp.url) as client:
        client.flushall()
    assert opened().get("left") is None
    assert runs == []


def test_until_it_is_reconciled_nobody_uses_it(opened: Open) -> None:
    works = []

    def reconcile(_: Server) -> None:
        if not works:
            raise LookupError("the database does not say")

    client = opened(reconcile=reconcile)
    for _ in range(2):
        with pytest.raises(RedisConnectionError, match="LookupError: the database does not say"):
            client.get("left")
    works.append(1)
    assert client.get("left") == "here"


def test_a_request_does_not_wait_for_long(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciled_servers, "WAIT_SECONDS", 0.0)
    go_on = []

    def reconcile(client: Server) -> None:
        until(lambda: bool(go_on), "the test's leave")
        assert client.get("left") == "here"

    client = opened(reconcile=reconcile)
    with pytest.raises(RedisConnectionError, match=r"with the database yet$"):
        client.get("left")
    go_on.append(1)
    until(lambda: client.get("left") == "here", "a reconciled server")


def test_another_server_that_took_over_meanwhile_is_reconciled_by_itself(
    opened: Open,
    valkey_tcp: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(reconciled_servers, "WAIT_SECONDS", 0.0)
    go_on = threading.Event()
    runs = []

    def reconcile(_: Server) -> None:
        runs.append(1)
        assert go_on.wait(10)

    client = opened(reconcile=reconcile)
    with pytest.raises(RedisConnectionError):
        client.get("left")
    until(lambda: runs, "a reconciliation that has begun")
    valkey_tcp.restart()
    go_on.set()
    until(lambda: client.get("left") == "here", "the second server")
    assert "another server took over meanwhile" in caplog.text
    assert len(runs) == 2


def test_a_server_that_tells_no_id_is_reconciled_by_each_process(
    opened: Open, runs: list[str], valkey_tcp: ValkeyServer
) -> None:
    with StrangeRedis(valkey_tcp.url, refusing("INFO", "DBSIZE")) as proxy:
        clients = [opened(proxy.url) for _ in range(2)]
        assert [client.get("left") for client in (*clients, *clients)] == ["here"] * 4
        assert runs == ["here"] * 2
        assert clients[0].keys(keys.reconciled("*")) == []
        for client in clients:
            client.close()


def test_the_id_is_found_among_the_lines() -> None:
    assert (
        server_id("# Replication\r\nrole:master\r\nmaster_replid:ab12\r\nmaster_replid2:00")
        == "ab12"
    )
    assert server_id("redis_version:2.8.0\r\n") == server_id("") == ""


def test_the_mark_of_a_server_expires(opened: Open, valkey_tcp: ValkeyServer) -> None:
    opened().get("left")
    with Redis.from_url(valkey_tcp.url, decode_responses=True, protocol=2) as client:
        (mark,) = cast("list[str]", client.keys(keys.reconciled("*")))
        assert cast("int", client.pttl(mark)) > 0
