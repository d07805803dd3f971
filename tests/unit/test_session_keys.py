"""WeChat's session_key in Redis: sealed, the newest wins, the one before lives a minute."""

from __future__ import annotations

from typing import cast

import pytest

from config_values import DataKey
from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.harness.slots import Slots
from wxlogin.clock import milliseconds
from wxlogin.sessions import Scripts, SessionKeys, SessionStore, keys
from wxlogin.sessions.tokens import random_tag
from wxlogin.vault import BlindIndex, Vault

FIRST, SECOND, THIRD = "HyVFkGl5F5OQWJZZaNzBBg==", "tiihtNczf5v6AKRyjwEUhQ==", "a+/b" * 6
TTL = 7200


class Slot:
    """One user's session_key."""

    def __init__(self, session_keys: SessionKeys, clock: SettableClock) -> None:
        self.session_keys = session_keys
        self.clock = clock
        self.tag = random_tag()
        self.name = keys.session_key(self.tag)

    def keep(self, session_key: str, age: float = 0) -> int:
        """Keep a key that WeChat answered `age` seconds ago."""
        stamp = milliseconds(self.clock) - int(age * 1000)
        return self.session_keys.keep(self.tag, session_key, stamp)

    @property
    def kept(self) -> list[str]:
        """The keys to try, newest first."""
        found = self.session_keys.fetch(self.tag)
        return found.all if found else []


@pytest.fixture
def slot(scripts: Scripts, clock: SettableClock) -> Slot:
    """A user of whom no key is kept."""
    vault = Vault([DataKey("d1", bytes(range(32)))])
    index = BlindIndex([DataKey("i1", bytes(range(32, 64)))])
    return Slot(SessionKeys(scripts, vault, index, clock, TTL), clock)


def test_the_key_is_kept_for_its_life(slot: Slot, slots: Slots, clock: SettableClock) -> None:
    assert slot.kept == []
    assert slot.keep(FIRST) == TTL
    assert slots.seconds_left(slot.name) == TTL
    clock.forward(TTL - 0.001)
    assert slot.kept == [FIRST]
    clock.forward(0.001)
    assert slot.kept == []


def test_a_newer_key_wins_and_lives_anew(slot: Slot, slots: Slots, clock: SettableClock) -> None:
    slot.keep(FIRST)
    slots.redis.pexpire(slot.name, 5000)
    clock.forward(TTL - 5)
    slot.keep(SECOND)
    assert slots.seconds_left(slot.name) == TTL
    assert slot.kept[0] == SECOND


def test_an_answer_that_was_overtaken_is_ignored(slot: Slot) -> None:
    slot.keep(SECOND)
    slot.keep(FIRST, age=0.001)
    assert slot.kept == [SECOND]


def test_of_two_answers_of_one_moment_the_later_kept_counts(slot: Slot) -> None:
    slot.keep(FIRST)
    slot.keep(SECOND)
    assert slot.kept == [SECOND, FIRST]


def test_the_previous_key_is_tried_for_a_minute(slot: Slot, clock: SettableClock) -> None:
    slot.keep(FIRST)
    clock.forward(10)
    slot.keep(SECOND)
    clock.forward(59.999)
    assert slot.kept == [SECOND, FIRST]
    clock.forward(0.001)
    assert slot.kept == [SECOND]


def test_one_previous_key_is_kept(slot: Slot, clock: SettableClock) -> None:
    for session_key in (FIRST, SECOND, THIRD):
        slot.keep(session_key)
        clock.forward(1)
    assert slot.kept == [THIRD, SECOND]


def test_the_same_key_again_does_not_push_the_previous_one_out(
    slot: Slot, clock: SettableClock
) -> None:
    slot.keep(FIRST)
    slot.keep(SECOND)
    clock.forward(5)
    slot.keep(SECOND)
    assert slot.kept == [SECOND, FIRST]


def test_a_previous_key_does_not_outlive_its_own_life(slot: Slot, clock: SettableClock) -> None:
    slot.keep(FIRST)
    clock.forward(TTL - 5)
    slot.keep(SECOND)
    clock.forward(5)
    assert slot.kept == [SECOND]


def test_a_dead_key_becomes_nobodys_previous_one(slot: Slot, clock: SettableClock) -> None:
    slot.keep(FIRST)
    clock.forward(TTL)
    slot.keep(SECOND)
    assert slot.kept == [SECOND]


def test_no_key_lies_in_clear_or_for_ever(slot: Slot, slots: Slots) -> None:
    for session_key in (FIRST, SECOND, THIRD):
        slot.keep(session_key)
    lying = str(slots.redis.hgetall(slot.name))
    assert all(session_key not in lying for session_key in (FIRST, SECOND, THIRD))
    assert 0 < slots.seconds_left(slot.name) <= TTL
    assert slots.names(slot.tag) == {slot.name}


def test_a_key_is_sealed_to_its_users_place(slot: Slot, slots: Slots) -> None:
    slot.keep(FIRST)
    other = Slot(slot.session_keys, slot.clock)
    lying = cast("dict[str, str]", slots.redis.hgetall(slot.name))
    slots.redis.hset(other.name, mapping=lying)
    slots.redis.pexpire(other.name, 60_000)
    assert other.session_keys.fetch(other.tag) is None


def test_kept_keys_are_not_shown(slot: Slot) -> None:
    slot.keep(FIRST)
    slot.keep(SECOND)
    shown = repr(slot.session_keys.fetch(slot.tag))
    assert FIRST not in shown
    assert SECOND not in shown


def test_a_session_tells_until_when_the_key_is_kept(slot: Slot, store: SessionStore) -> None:
    owner = Owner(store, slot.tag)
    ref = owner.login()
    slot.keep(FIRST)
    assert store.read(ref).session_key_until == milliseconds(slot.clock) + TTL * 1000


def test_of_an_erased_user_no_key_is_kept(slot: Slot, store: SessionStore) -> None:
    slot.keep(FIRST)
    store.block(slot.tag, "erased", also=[slot.name])
    assert slot.keep(SECOND) == 0
    assert slot.kept == []
