"""A round trip to Redis: what it leaves behind when it fails, and who else meets that."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.harness.redis_process import until
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import Scripts, connect
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.pool import Pool
from wxlogin.wiring import SCRIPT_FOLDERS

UNPACKABLE: Any = ("ECHO", None)
EACH_WAY = pytest.mark.parametrize("repeatable", [True, False])


@pytest.fixture
def client(valkey_tcp: ValkeyServer) -> Iterator[Server]:
    """A client of a server of its own."""
    with connect(valkey_tcp.url) as client:
        yield client
        client.connection_pool.disconnect()


def idle(client: Server, count: int) -> None:
    """Leave so many connections idle."""
    pool = client.connection_pool
    for connection in [pool.get_connection() for _ in range(count)]:
        pool.release(connection)


@EACH_WAY
def test_a_refusal_stands_among_the_answers(client: Server, repeatable: bool) -> None:
    commands = [("SET", "name", "text", "PX", 60_000), ("INCR", "name"), ("GET", "name")]
    stored, refused, found = client.exchange(commands, repeatable=repeatable)
    assert (stored, found) == ("OK", "text")
    assert isinstance(refused, ResponseError)


@EACH_WAY
@pytest.mark.impatient
def test_an_answer_that_came_too_late_is_nobody_else_s(
    client: Server, valkey_tcp: ValkeyServer, repeatable: bool
) -> None:
    idle(client, 1)
    valkey_tcp.pause()
    with pytest.raises(RedisTimeoutError):
        client.exchange([("ECHO", "late")], repeatable=repeatable)
    valkey_tcp.resume()
    assert client.exchange([("ECHO", "mine")], repeatable=repeatable) == ["mine"]


def test_a_command_that_cannot_be_packed_is_not_sent(client: Server) -> None:
    with pytest.raises(TypeError):
        client.exchange([("ECHO", "theirs"), UNPACKABLE], repeatable=True)
    assert client.exchange([("ECHO", "mine")], repeatable=True) == ["mine"]


def test_a_command_that_cannot_be_packed_fails_no_other_request(valkey_tcp: ValkeyServer) -> None:
    pool = Pool.from_url(valkey_tcp.url, timeout=5, decode_responses=True)
    with ThreadPoolExecutor(2) as threads, connect(valkey_tcp.url) as other:
        blocking = [("BLPOP", "go-on", 20)]
        leader = threads.submit(partial(pool.exchange, blocking, repeatable=True))
        until(lambda: pool._batcher._busy, "an exchange")
        waiting = threads.submit(partial(pool.exchange, [("ECHO", "mine")], repeatable=True))
        until(lambda: pool._batcher._waiting, "a request that waits")
        with pytest.raises(TypeError):
            pool.exchange([UNPACKABLE], repeatable=True)
        assert not waiting.done()
        other.lpush("go-on", "now")
        assert (leader.result(20), waiting.result(20)) == ([["go-on", "now"]], ["mine"])
        other.connection_pool.disconnect()
    pool.disconnect()


def test_what_may_be_repeated_is_answered_after_a_restart(
    client: Server, valkey_tcp: ValkeyServer
) -> None:
    idle(client, 3)
    valkey_tcp.restart()
    assert Scripts(client, SCRIPT_FOLDERS).call("charge", ["counter"], 1, 60_000) == 1


def test_what_may_not_be_repeated_is_sent_on_a_live_connection(
    client: Server, valkey_tcp: ValkeyServer
) -> None:
    idle(client, 3)
    valkey_tcp.restart()
    assert Scripts(client, SCRIPT_FOLDERS).call_once("charge", ["counter"], 1, 60_000) == 1


@EACH_WAY
def test_failed_exchanges_use_the_pool_up_for_nobody(repeatable: bool) -> None:
    pool = Pool(host="127.0.0.1", port=1, max_connections=1, timeout=0.01)
    for _ in range(3):
        with pytest.raises(RedisConnectionError, match="refused"):
            pool.exchange([("PING",)], repeatable=repeatable)


def test_whoever_finds_no_free_connection_is_told(valkey_tcp: ValkeyServer) -> None:
    pool = Pool.from_url(valkey_tcp.url, max_connections=1, timeout=0.01)
    taken = pool.get_connection()
    with pytest.raises(RedisConnectionError, match="no connection is free"):
        pool.exchange([("PING",)], repeatable=True)
    pool.release(taken)
    assert pool.exchange([("PING",)], repeatable=True) == [b"PONG"]
    pool.disconnect()
