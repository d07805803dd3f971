"""Clients of Redis: whom they believe, how they find another primary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisError

from tests.harness.crowd import together
from tests.harness.environment import fault_of
from tests.harness.redis_process import until
from tests.harness.redis_topologies import ask, follows, port_of
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import Scripts, connect
from wxlogin.redisdb.cluster import Address, ClusterClient, Server, Topology
from wxlogin.redisdb.connection import POOL_SECONDS, SOCKET_SECONDS
from wxlogin.wiring import SCRIPT_FOLDERS

SLOTS = 16384
NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize("wait", ["-1", "9", "two"])
def test_replicas_to_wait_for_are_few(wait: str) -> None:
    assert fault_of(WXLOGIN_REDIS_WAIT=wait).startswith("WXLOGIN_REDIS_WAIT should be")


@pytest.mark.parametrize(
    "url",
    [
        f"redis://{NOBODY}",
        f"redis+sentinel://{NOBODY}/0?master=main",
        f"redis+cluster://{NOBODY},{NOBODY}",
    ],
)
def test_nothing_is_sent_until_something_is_asked(url: str) -> None:
    client = connect(url)
    with pytest.raises(RedisConnectionError):
        client.ping()
    client.close()


@pytest.mark.impatient
def test_a_hung_redis_is_waited_for_less_than_two_seconds() -> None:
    with connect(f"redis://{NOBODY}") as client:
        options = client.connection_pool.connection_kwargs
    assert options["socket_timeout"] == options["socket_connect_timeout"] == SOCKET_SECONDS
    attempts = 2  # a read is repeated once
    assert POOL_SECONDS + attempts * SOCKET_SECONDS < 2


# One server


def test_an_answer_that_somebody_left_behind_is_nobody_else_s(valkey_tcp: ValkeyServer) -> None:
    with connect(valkey_tcp.url) as client:
        client.set("left-behind", "theirs", px=60_000)
        connection = client.connection_pool.get_connection()
        connection.send_command("GET", "left-behind")
        connection.can_read(2)
        client.connection_pool.release(connection)
        assert client.get("never-set") is None
        client.delete("left-behind")
        client.connection_pool.disconnect()


def test_a_script_that_redis_forgot_runs_once(valkey: ValkeyServer) -> None:
    with connect(valkey.url) as client:
        client.script_flush()
        assert Scripts(client, SCRIPT_FOLDERS).call_once("charge", ["forgotten"], 1, 60_000) == 1
        client.delete("forgotten")
        client.connection_pool.disconnect()


def test_who_asks_nothing_is_told_nothing(valkey: ValkeyServer) -> None:
    with connect(valkey.url) as client:
        assert Scripts(client, SCRIPT_FOLDERS).pipeline([]) == []


def test_a_primary_that_becomes_a_replica_is_not_read(
    pair: tuple[ValkeyServer, ValkeyServer],
) -> None:
    """A replica may lag behind: what it does not know would sign people out."""
    first, second = pair
    client = connect(second.url)
    client.set("known", "1", px=60_000)
    ask(first, "CONFIG SET", "repl-diskless-sync-delay", 0)
    ask(second, "REPLICAOF", "127.0.0.1", port_of(first))
    until(lambda: follows(second), "a replica")
    with pytest.raises(ReadOnlyError):
        client.set("known", "2", px=60_000)
    with pytest.raises(RedisConnectionError, match="is a replica"):
        client.get("known")
    ask(second, "REPLICAOF", "NO", "ONE")
    assert client.get("known") is None
    client.connection_pool.disconnect()


# Several servers


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[ValkeyServer, ValkeyServer]]:
    """Two servers that know nothing of each other."""
    with (
        ValkeyServer(tmp_path / "first", port=0) as first,
        ValkeyServer(tmp_path / "second", port=0) as second,
    ):
        yield first, second


class Oracle:
    """Says who is primary, as the test would have it, and counts how often it is asked."""

    def __init__(self, *servers: ValkeyServer | None) -> None:
        self.asked = 0
        self.silent = False
        self.shared_by(*servers)

    def shared_by(self, *servers: ValkeyServer | None) -> None:
        """Let these have equal parts of the slots; None for a part that nobody serves."""
        share = SLOTS // len(servers)
        self._found: Topology = {
            n * share: ("127.0.0.1", port_of(server)) if server else None
            for n, server in enumerate(servers)
        }

    def __call__(self) -> Topology:
        self.asked += 1
        if self.silent:
            raise RedisError("nobody can say")
        return self._found


def reach(address: Address) -> Server:
    """A client of one server."""
    return connect("redis://{}:{}".format(*address))


Open = Callable[..., ClusterClient]


@pytest.fixture
def follow() -> Iterator[Open]:
    """Makes clients that ask an oracle."""
    made: list[ClusterClient] = []

    def make(oracle: Oracle, max_age: float = 60.0) -> ClusterClient:
        made.append(ClusterClient(oracle, max_age, reach))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_many_at_once_ask_once(follow: Open, valkey_tcp: ValkeyServer) -> None:
    oracle = Oracle(valkey_tcp)
    client = follow(oracle)
    assert together([partial(client.get, "nothing")] * 8) == [None] * 8
    assert oracle.asked == 1


def test_each_key_goes_to_its_primary_and_what_has_none_to_all(
    follow: Open, pair: tuple[ValkeyServer, ValkeyServer]
) -> None:
    client = follow(Oracle(*pair))
    for n in range(32):
        client.set(f"key-{n}", n, px=60_000)
    held = [ask(server, "DBSIZE") for server in pair]
    assert sum(held) == 32
    assert min(held) > 0
    assert Scripts(client, SCRIPT_FOLDERS).call_once("charge", ["key-7"], 1, 60_000) == 8
    assert client.ping()
    client.flushdb()
    assert [ask(server, "DBSIZE") for server in pair] == [0, 0]


def test_a_fault_makes_it_look_for_another_primary(
    follow: Open, pair: tuple[ValkeyServer, ValkeyServer]
) -> None:
    first, second = pair
    oracle = Oracle(first)
    client = follow(oracle)
    ask(second, "SET", "where", "second")
    assert client.get("where") is None
    first.kill()
    oracle.shared_by(second)
    until(client.ping, "a probe that finds the other primary", 2)
    assert client.get("where") == "second"
    assert oracle.asked == 2


def test_an_answer_lasts_for_its_time(
    follow: Open, pair: tuple[ValkeyServer, ValkeyServer]
) -> None:
    first, second = pair
    oracle = Oracle(first)
    client = follow(oracle, max_age=0.1)
    ask(second, "SET", "where", "second")
    assert client.get("where") is None
    before = client.server_for("where")
    assert "get" in last_commands(first)
    oracle.shared_by(second)
    until(lambda: client.get("where") == "second", "the other primary", 2)
    assert before.connection_pool.connection_kwargs["port"] == port_of(first)
    until(lambda: "get" not in last_commands(first), "no idle connection", 2)


def last_commands(server: ValkeyServer) -> set[str]:
    """What each connection sent last."""
    return {one["cmd"] for one in ask(server, "CLIENT LIST")}


def test_while_nobody_can_say_the_last_answer_stands(
    follow: Open, valkey_tcp: ValkeyServer
) -> None:
    oracle = Oracle(valkey_tcp)
    client = follow(oracle, max_age=0.0)
    client.set("kept", "1", px=60_000)
    oracle.silent = True
    until(lambda: client.get("kept") == "1" and oracle.asked >= 3, "searches in vain", 5)


def test_a_key_that_nobody_holds_is_a_fault_and_no_answer(
    follow: Open, valkey_tcp: ValkeyServer
) -> None:
    oracle = Oracle(None)
    client = follow(oracle)
    for call in (
        partial(client.get, "x"),
        partial(Scripts(client, SCRIPT_FOLDERS).call_once, "charge", ["x"], 1, 1),
    ):
        with pytest.raises(RedisConnectionError, match="no primary is known"):
            call()


def test_a_key_that_nobody_held_is_looked_for_again(follow: Open, valkey_tcp: ValkeyServer) -> None:
    """The app may start before its cluster is put together."""
    oracle = Oracle(None)
    scripts = Scripts(follow(oracle), SCRIPT_FOLDERS)
    with pytest.raises(RedisConnectionError, match="no primary is known"):
        scripts.call("charge", ["x"], 1, 60_000)
    oracle.shared_by(valkey_tcp)
    until(lambda: scripts.call("charge", ["x"], 1, 60_000) == 1, "the primary", 2)


def test_a_pipeline_needs_a_key(follow: Open, valkey_tcp: ValkeyServer) -> None:
    client = follow(Oracle(valkey_tcp))
    with pytest.raises(NotImplementedError, match="name a key"):
        client.pipeline().set("x", "1").execute()
    pipe: Redis = client.server_for("x").pipeline()
    assert pipe.set("x", "1", px=60_000).execute() == [True]
