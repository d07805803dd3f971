"""WeChat's session_key in Redis: sealed, the newest wins, the one before lives a minute."""

from __future__ import annotations

from typing import cast

import pytest
from limits import parse

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.clock import milliseconds
from wxlogin.limits.errors import LimitReached
from wxlogin.limits.windows import declared
from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions import SessionKeys, SessionStore
from wxlogin.sessions.tokens import new_public_id
from wxlogin.settings.values import DataKey
from wxlogin.vault import BlindIndex, Vault
from wxlogin.vault.leak_guard import leak_guard

FIRST, SECOND, THIRD = "HyVFkGl5F5OQWJZZaNzBBg==", "tiihtNczf5v6AKRyjwEUhQ==", "a+/b" * 6
TTL = 7200


class Slot:
    """One user's session_key."""

    def __init__(self, session_keys: SessionKeys, clock: SettableClock) -> None:
        self.session_keys = session_keys
        self.clock = clock
        self.public_id = new_public_id()
        self.name = keys.session_key(self.public_id)

    def save(self, session_key: str, age: float = 0) -> int:
        """Save a key that WeChat answered `age` seconds ago."""
        stamp = milliseconds(self.clock) - int(age * 1000)
        return self.session_keys.save(self.public_id, session_key, stamp).expires_in

    @property
    def stored(self) -> list[str]:
        """The keys to try, newest first."""
        found = self.session_keys.get(self.public_id)
        return found.all if found else []


@pytest.fixture
def slot(scripts: Scripts, clock: SettableClock) -> Slot:
    """A user of whom no key is stored."""
    vault = Vault([DataKey("d1", bytes(range(32)))])
    index = BlindIndex([DataKey("i1", bytes(range(32, 64)))])
    return Slot(SessionKeys(scripts, vault, index, clock, TTL), clock)


def test_the_key_is_kept_for_its_life(slot: Slot, slots: Slots, clock: SettableClock) -> None:
    assert slot.stored == []
    assert slot.save(FIRST) == TTL
    assert slots.seconds_left(slot.name) == TTL
    clock.forward(TTL - 0.001)
    assert slot.stored == [FIRST]
    clock.forward(0.001)
    assert slot.stored == []


def test_a_newer_key_wins_and_lives_anew(slot: Slot, slots: Slots, clock: SettableClock) -> None:
    slot.save(FIRST)
    slots.redis.pexpire(slot.name, 5000)
    clock.forward(TTL - 5)
    slot.save(SECOND)
    assert slots.seconds_left(slot.name) == TTL
    assert slot.stored[0] == SECOND


def test_an_answer_that_was_overtaken_is_ignored(slot: Slot) -> None:
    slot.save(SECOND)
    slot.save(FIRST, age=0.001)
    assert slot.stored == [SECOND]


def test_of_two_answers_of_one_moment_the_later_kept_counts(slot: Slot) -> None:
    slot.save(FIRST)
    slot.save(SECOND)
    assert slot.stored == [SECOND, FIRST]


def test_the_previous_key_is_tried_for_a_minute(slot: Slot, clock: SettableClock) -> None:
    slot.save(FIRST)
    clock.forward(10)
    slot.save(SECOND)
    clock.forward(59.999)
    assert slot.stored == [SECOND, FIRST]
    clock.forward(0.001)
    assert slot.stored == [SECOND]


def test_one_previous_key_is_kept(slot: Slot, clock: SettableClock) -> None:
    for session_key in (FIRST, SECOND, THIRD):
        slot.save(session_key)
        clock.forward(1)
    assert slot.stored == [THIRD, SECOND]


def test_the_same_key_again_does_not_push_the_previous_one_out(
    slot: Slot, clock: SettableClock
) -> None:
    slot.save(FIRST)
    slot.save(SECOND)
    clock.forward(5)
    slot.save(SECOND)
    assert slot.stored == [SECOND, FIRST]


def test_a_previous_key_does_not_outlive_its_own_life(slot: Slot, clock: SettableClock) -> None:
    slot.save(FIRST)
    clock.forward(TTL - 5)
    slot.save(SECOND)
    clock.forward(5)
    assert slot.stored == [SECOND]


def test_a_dead_key_becomes_nobodys_previous_one(slot: Slot, clock: SettableClock) -> None:
    slot.save(FIRST)
    clock.forward(TTL)
    slot.save(SECOND)
    assert slot.stored == [SECOND]


def test_no_key_lies_in_clear_or_for_ever(slot: Slot, slots: Slots) -> None:
    for session_key in (FIRST, SECOND, THIRD):
        slot.save(session_key)
    lying = str(slots.redis.hgetall(slot.name))
    assert all(session_key not in lying for session_key in (FIRST, SECOND, THIRD))
    assert 0 < slots.seconds_left(slot.name) <= TTL
    assert slots.names(slot.public_id) == {slot.name}


def test_a_key_is_sealed_for_its_user(slot: Slot, slots: Slots) -> None:
    slot.save(FIRST)
    other = Slot(slot.session_keys, slot.clock)
    lying = cast("dict[str, str]", slots.redis.hgetall(slot.name))
    slots.redis.hset(other.name, mapping=lying)
    slots.redis.pexpire(other.name, 60_000)
    assert other.session_keys.get(other.public_id) is None


def test_kept_keys_are_not_shown(slot: Slot) -> None:
    slot.save(FIRST)
    slot.save(SECOND)
    shown = repr(slot.session_keys.get(slot.public_id))
    assert FIRST not in shown
    assert SECOND not in shown


def test_a_session_tells_until_when_the_key_is_kept(slot: Slot, store: SessionStore) -> None:
    owner = Owner(store, slot.public_id)
    ref = owner.login()
    slot.save(FIRST)
    assert store.get(ref).session_key_until == milliseconds(slot.clock) + TTL * 1000


def test_of_an_erased_user_no_key_is_kept(slot: Slot, store: SessionStore) -> None:
    slot.save(FIRST)
    store.block(slot.public_id, "erased", extra_keys=[slot.name])
    assert slot.save(SECOND) == 0
    assert slot.stored == []


def test_a_key_that_wechat_no_longer_accepts_is_deleted(slot: Slot, slots: Slots) -> None:
    slot.save(FIRST)
    stored = slot.session_keys.get(slot.public_id)
    assert stored is not None
    slot.session_keys.delete(slot.public_id, stored)
    assert slot.stored == []
    assert slots.names(slot.public_id) == set()


def test_a_key_that_came_meanwhile_is_not_deleted(slot: Slot, clock: SettableClock) -> None:
    slot.save(FIRST)
    stored = slot.session_keys.get(slot.public_id)
    assert stored is not None
    clock.forward(1)
    slot.save(SECOND)
    slot.session_keys.delete(slot.public_id, stored)
    assert slot.stored == [SECOND, FIRST]


def test_a_key_that_replaces_a_dead_one_leaves_no_previous_key(
    slot: Slot, clock: SettableClock
) -> None:
    slot.save(FIRST)
    slot.session_keys.save(slot.public_id, SECOND, milliseconds(clock), previous_ms=0)
    assert slot.stored == [SECOND]


def test_the_seconds_left_are_those_of_the_key_that_stays(slot: Slot, clock: SettableClock) -> None:
    slot.save(FIRST)
    clock.forward(10.5)
    assert slot.save(SECOND, age=20) == TTL - 11
    clock.forward(TTL)
    assert slot.save(SECOND, age=TTL + 40) == 0


def test_a_save_counts_for_its_user_and_stores_the_key_all_the_same(
    slot: Slot, clock: SettableClock
) -> None:
    limit = declared(parse("1/minute"), "login_openid")
    window = limit.window(keys.user_limits(slot.public_id), clock())
    stamp = milliseconds(clock)
    slot.session_keys.save(slot.public_id, FIRST, stamp, windows=[window])
    with pytest.raises(LimitReached):
        slot.session_keys.save(slot.public_id, SECOND, stamp, windows=[window])
    assert slot.stored == [SECOND, FIRST]


def test_saved_and_read_keys_are_secrets_of_the_request(slot: Slot) -> None:
    leak_guard.end_request()
    slot.save(FIRST)
    assert leak_guard.find(FIRST) == "session_key"
    slot.save(SECOND)
    leak_guard.end_request()
    assert leak_guard.find(FIRST) is None
    assert slot.stored == [SECOND, FIRST]
    assert {leak_guard.find(FIRST), leak_guard.find(SECOND)} == {"session_key"}
    leak_guard.end_request()


def test_a_previous_key_that_does_not_open_is_left_out(slot: Slot, slots: Slots) -> None:
    slot.save(FIRST)
    slot.save(SECOND)
    slots.redis.hset(slot.name, "previous", "d9.broken")
    assert slot.stored == [SECOND]
    slots.redis.hset(slot.name, "current", "d9.broken")
    assert slot.stored == []
