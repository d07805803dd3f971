"""Replicas are waited for, also where the first answer was lost and nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.harness.redis_process import until
from tests.harness.redis_topologies import QUICK, follows, port_of
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import Scripts, connect
from wxlogin.redisdb.scripts import TooFewReplicas
from wxlogin.sessions import DevicePolicy, Lifetimes, SessionStore
from wxlogin.sessions.store import Change
from wxlogin.wiring import SCRIPT_FOLDERS

Pair = tuple[ValkeyServer, ValkeyServer]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A primary and its replica."""
    directory = tmp_path_factory.mktemp("servers")
    primary = ValkeyServer(directory / "primary", port=0, extra=QUICK)
    of = ("--replicaof", f"127.0.0.1 {port_of(primary)}")
    replica = ValkeyServer(directory / "replica", port=0, extra=(*QUICK, *of))
    with primary, replica:
        yield primary, replica


@pytest.fixture
def pair(servers: Pair) -> Iterator[Pair]:
    """A primary and its replica, which follows."""
    replica = servers[1]
    until(lambda: follows(replica), "a replica that follows")
    yield servers
    replica.resume()


REPETITIONS: dict[str, Callable[[Owner, str], object]] = {
    "a kick": lambda owner, _: owner.store.end(owner.public_id, "all", ""),
    "a logout": lambda owner, sid: owner.store.end(owner.public_id, "one", sid),
    "an end of many": lambda owner, _: owner.store.end_all([owner.public_id]),
    "void sessions": lambda owner, _: owner.store.end_created_before({owner.public_id: 2**50}),
    "a ban": lambda owner, _: owner.store.block(owner.public_id, "banned", 0, Change(1)),
    "an outdated ban": lambda owner, _: owner.store.block(
        owner.public_id, "banned", 0, Change(0, 2**50)
    ),
    "a lifted ban": lambda owner, _: owner.store.unblock(owner.public_id, "banned", 0),
}


@pytest.mark.parametrize("name", REPETITIONS)
def test_a_repetition_waits_for_what_the_first_one_wrote(
    pair: Pair, clock: SettableClock, name: str
) -> None:
    primary, replica = pair
    devices = DevicePolicy("off", 3, "evict")
    with connect(primary.url) as client:
        scripts = Scripts(client, SCRIPT_FOLDERS, wait=1)
        owner = Owner(SessionStore(scripts, clock, Lifetimes(600, 1800), devices))
        ref = owner.login()
        replica.pause()
        for _ in range(2):
            # A busy machine may lose the answer instead: its socket waits 0.1 s longer than WAIT.
            with pytest.raises((TooFewReplicas, RedisTimeoutError)):
                REPETITIONS[name](owner, ref.sid)
            client.connection_pool.disconnect()  # the next one knows nothing of what this one wrote
        replica.resume()
        REPETITIONS[name](owner, ref.sid)
