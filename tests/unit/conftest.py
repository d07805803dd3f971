"""Services put together by hand, without Flask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import hypothesis
import pytest
from redis import Redis

from tests.harness.clock import SettableClock
from tests.unit.slots import Slots
from wxlogin.development.valkey import ValkeyServer
from wxlogin.redisdb import Scripts, connect
from wxlogin.sessions import DevicePolicy, Lifetimes, SessionStore
from wxlogin.wiring import SCRIPT_FOLDERS

# A machine that is busy with something else is no fault of the code.
hypothesis.settings.register_profile("wxlogin", deadline=None)
hypothesis.settings.load_profile("wxlogin")


@pytest.fixture
def valkey_tcp(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A server of the test's own, with an address."""
    with ValkeyServer(tmp_path / "alone", port=0) as server:
        yield server


@pytest.fixture(scope="session")
def redis(valkey: ValkeyServer) -> Iterator[Redis]:
    """The client that the app itself uses."""
    with connect(valkey.url) as client:
        yield client
        client.flushdb()
        client.connection_pool.disconnect()


@pytest.fixture(scope="session")
def scripts(redis: Redis) -> Scripts:
    """The Lua scripts."""
    return Scripts(redis, SCRIPT_FOLDERS)


@pytest.fixture
def make_store(scripts: Scripts, clock: SettableClock) -> Callable[..., SessionStore]:
    """Stores that differ in their limits: a week idle, a month in all, three devices."""

    def make(
        idle_ttl: int = 604_800,
        max_age: int = 2_592_000,
        max_devices: int = 3,
        single: Literal["off", "all", "per-platform"] = "off",
    ) -> SessionStore:
        devices = DevicePolicy(single, max_devices, "evict")
        return SessionStore(scripts, clock, Lifetimes(idle_ttl, max_age), devices)

    return make


@pytest.fixture
def store(make_store: Callable[..., SessionStore]) -> SessionStore:
    """A store that lets a user hold three sessions."""
    return make_store()


@pytest.fixture
def slots(redis: Redis) -> Slots:
    """What lies in Redis."""
    return Slots(redis)
