"""Holders of one app's access_token, as many workers and hosts have them, on one Redis."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from redis import Redis

from tests.harness.clock import SettableClock
from tests.harness.crowd import together
from wxlogin.redisdb import Scripts, keys
from wxlogin.sandbox import Fault, SandboxServer, World
from wxlogin.settings.values import DataKey
from wxlogin.vault import Vault
from wxlogin.wechat import AccessTokens, Credentials, Transport, WeChatClient
from wxlogin.wechat.errors import AccessTokenRefused, Misconfigured, NothingSent, QuotaExceeded
from wxlogin.wiring import SCRIPT_FOLDERS

PATH = "/cgi-bin/stable_token"
LIFE = 7200
APP = Credentials(f"wx{secrets.token_hex(8)}", secrets.token_hex(16))


class StoppingScripts(Scripts):
    """Stops after its first look at Redis, until it is let go on."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis, SCRIPT_FOLDERS)
        self.looked = threading.Event()
        self.go_on = threading.Event()

    def fields(self, key: str, *names: str) -> list[str | None]:
        """Look, and stop the first time."""
        found = super().fields(key, *names)
        if not self.looked.is_set():
            self.looked.set()
            assert self.go_on.wait(20)
        return found


@pytest.fixture
def sandbox(clock: SettableClock, redis: Redis) -> Iterator[SandboxServer]:
    """WeChat, and no token kept of what it gave in another test."""
    redis.delete(keys.access_token(APP.appid), keys.access_token_lock(APP.appid))
    with SandboxServer({APP.appid: APP.secret}, clock=clock) as running:
        yield running


@pytest.fixture
def world(sandbox: SandboxServer) -> World:
    """What WeChat knows and was asked."""
    return sandbox.world


@pytest.fixture
def holder(sandbox: SandboxServer, redis: Redis, clock: SettableClock) -> AccessTokens:
    """One worker's holder."""
    return make(sandbox, Scripts(redis, SCRIPT_FOLDERS), clock)


def make(sandbox: SandboxServer, scripts: Scripts, clock: SettableClock) -> AccessTokens:
    """Another worker's holder."""
    vault = Vault([DataKey("d1", bytes(range(32)))])
    return AccessTokens(scripts, vault, WeChatClient(Transport(sandbox.base, (1, 2)), clock), clock)


def value(holder: AccessTokens) -> str:
    """The token that the holder hands out."""
    return holder.get(APP).value


# One for all


def test_twenty_workers_that_start_at_once_make_one_call(
    sandbox: SandboxServer, world: World, redis: Redis, clock: SettableClock
) -> None:
    workers = [make(sandbox, Scripts(redis, SCRIPT_FOLDERS), clock) for _ in range(20)]
    calls: list[Callable[[], str]] = [lambda worker=worker: value(worker) for worker in workers]
    assert len(set(together(calls))) == 1
    assert world.calls[PATH] == 1


def test_a_worker_that_looked_before_another_fetched_does_not_fetch(
    sandbox: SandboxServer,
    world: World,
    redis: Redis,
    clock: SettableClock,
    holder: AccessTokens,
) -> None:
    scripts = StoppingScripts(redis)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(value, make(sandbox, scripts, clock))
        assert scripts.looked.wait(20)
        fetched = value(holder)
        scripts.go_on.set()
        assert late.result(20) == fetched
    assert world.calls[PATH] == 1


def test_who_comes_while_a_token_is_fetched_waits_for_it(
    sandbox: SandboxServer, world: World, redis: Redis, clock: SettableClock, holder: AccessTokens
) -> None:
    with ThreadPoolExecutor(2) as pool:
        with sandbox.faults.hold(PATH) as hold:
            first = pool.submit(value, holder)
            assert hold.arrived()
            scripts = StoppingScripts(redis)
            second = pool.submit(value, make(sandbox, scripts, clock))
            scripts.go_on.set()
            assert scripts.looked.wait(20)
        assert first.result(20) == second.result(20)
    assert world.calls[PATH] == 1


def test_a_fetch_that_failed_hinders_nobody_after_it(
    sandbox: SandboxServer, world: World, holder: AccessTokens
) -> None:
    sandbox.faults.queue(PATH, Fault(errcode=45009))
    with pytest.raises(QuotaExceeded):
        value(holder)
    assert value(holder)
    assert world.calls[PATH] == 2


def test_two_apps_have_a_token_each(
    sandbox: SandboxServer, world: World, holder: AccessTokens
) -> None:
    other = Credentials(f"wx{secrets.token_hex(8)}", secrets.token_hex(16))
    world.add_app(*other)
    assert holder.get(other).value != value(holder)


def test_no_token_is_shown_or_lies_in_clear(holder: AccessTokens, redis: Redis) -> None:
    token = holder.get(APP)
    lying = cast("dict[str, str]", redis.hgetall(keys.access_token(APP.appid)))
    assert token.value not in str(lying)
    assert token.value not in repr(token)
    assert APP.secret not in repr(APP)


# Its end


def test_a_token_is_handed_out_until_its_last_five_minutes(
    world: World, clock: SettableClock, holder: AccessTokens
) -> None:
    token = value(holder)
    clock.forward(LIFE - 300.001)
    assert value(holder) == token
    assert world.calls[PATH] == 1
    clock.forward(0.5)
    assert value(holder) != token
    assert world.calls[PATH] == 2


def test_in_its_last_five_minutes_one_renews_and_nobody_waits(
    sandbox: SandboxServer, world: World, clock: SettableClock, holder: AccessTokens
) -> None:
    old = value(holder)
    clock.forward(LIFE - 299)
    with ThreadPoolExecutor(1) as pool:
        with sandbox.faults.hold(PATH) as hold:
            renewed = pool.submit(value, holder)
            assert hold.arrived()
            assert {value(holder) for _ in range(5)} == {old}
        assert renewed.result(20) == value(holder) != old
    assert world.calls[PATH] == 2


def test_a_worker_that_looked_before_another_renewed_does_not_renew(
    sandbox: SandboxServer,
    world: World,
    redis: Redis,
    clock: SettableClock,
    holder: AccessTokens,
) -> None:
    value(holder)
    clock.forward(LIFE - 299)
    scripts = StoppingScripts(redis)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(value, make(sandbox, scripts, clock))
        assert scripts.looked.wait(20)
        renewed = value(holder)
        scripts.go_on.set()
        assert late.result(20) == renewed
    assert world.calls[PATH] == 2


def test_a_renewal_that_fails_leaves_the_old_token(
    sandbox: SandboxServer, clock: SettableClock, holder: AccessTokens
) -> None:
    old = value(holder)
    clock.forward(LIFE - 299)
    sandbox.stop()
    assert value(holder) == old
    sandbox.start()
    assert value(holder) != old


def test_a_token_that_has_ended_is_not_handed_out(
    sandbox: SandboxServer, clock: SettableClock, holder: AccessTokens
) -> None:
    value(holder)
    clock.forward(LIFE)
    sandbox.stop()
    with pytest.raises(NothingSent):
        value(holder)


# Refused


class Call:
    """A call of WeChat that refuses the first tokens it gets."""

    def __init__(self, refusals: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.tokens: list[str] = []
        self._refusals = refusals
        self._meanwhile = meanwhile

    def __call__(self, token: str) -> str:
        self.tokens.append(token)
        if len(self.tokens) > self._refusals:
            return "done"
        self._meanwhile()
        raise AccessTokenRefused


def test_a_refused_token_is_fetched_anew_once(world: World, holder: AccessTokens) -> None:
    call = Call(refusals=1, meanwhile=world.invalidate_access_tokens)
    assert holder.use(APP, call) == "done"
    assert len(set(call.tokens)) == 2
    assert world.calls[PATH] == 2


def test_a_second_refusal_is_ours_to_mend(world: World, holder: AccessTokens) -> None:
    call = Call(refusals=2)
    with pytest.raises(Misconfigured):
        holder.use(APP, call)
    assert len(call.tokens) == 2
    assert world.calls[PATH] == 2


def test_a_refused_token_that_another_replaced_is_not_fetched_again(
    world: World, holder: AccessTokens
) -> None:
    call = Call(refusals=1, meanwhile=lambda: holder.refresh(APP))
    assert holder.use(APP, call) == "done"
    assert call.tokens[1] == value(holder) != call.tokens[0]
    assert world.calls[PATH] == 2


def test_a_refresh_ends_the_token_before_at_once(world: World, holder: AccessTokens) -> None:
    old = value(holder)
    holder.refresh(APP)
    assert value(holder) != old
    with world.lock, pytest.raises(Exception, match="40001"):
        world.tokens.appid_of(old, world.now())
