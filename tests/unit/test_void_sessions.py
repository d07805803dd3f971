"""Sessions that began before a time are void, and a new one begins after it."""

from __future__ import annotations

import pytest

from tests.harness.clock import SettableClock
from tests.harness.owner import DRAFT, Owner
from tests.unit.slots import Slots
from wxlogin.clock import milliseconds
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore
from wxlogin.sessions.store import Change


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


def test_sessions_of_the_time_and_before_end(owner: Owner, clock: SettableClock) -> None:
    refs = []
    for _ in range(3):
        refs.append(owner.login())
        clock.forward(1)
    last = milliseconds(clock) - 2000
    assert owner.store.end_created_before({owner.public_id: last}) == 2
    assert [owner.refusal(ref) for ref in refs] == ["SESSION_REVOKED", "SESSION_REVOKED", ""]
    assert owner.store.end_created_before({owner.public_id: last}) == 0


def test_a_replaced_session_ends_though_its_successor_lives(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    replaced, last = owner.login(device="a"), milliseconds(clock)
    clock.forward(1)
    successor = owner.login(device="a", ended=1)
    assert owner.refusal(replaced) == ""
    owner.store.end_created_before({owner.public_id: last})
    assert [owner.refusal(ref) for ref in (replaced, successor)] == ["SESSION_REPLACED", ""]
    assert slots.records(owner.public_id) == {successor.sid}


def test_a_ban_that_its_end_overtook_leaves_no_replaced_session(
    owner: Owner, clock: SettableClock
) -> None:
    replaced, last = owner.login(device="a"), milliseconds(clock)
    clock.forward(1)
    owner.store.unblock(owner.public_id, "banned", 2)
    successor = owner.login(device="a", ended=1)
    assert owner.store.block(owner.public_id, "banned", 0, Change(1, last)) == 0
    assert [owner.refusal(ref) for ref in (replaced, successor)] == ["SESSION_REPLACED", ""]


def test_a_session_begins_after_the_time_whatever_its_host_s_clock_says(
    owner: Owner, clock: SettableClock
) -> None:
    last = milliseconds(clock) + 5000
    ref = owner.token()
    owner.store.create(ref, DRAFT, None, void_before=last)
    owner.store.end_created_before({owner.public_id: last})
    assert owner.refusal(ref) == ""


def test_a_session_whose_record_redis_evicted_counts_for_nothing(
    owner: Owner, slots: Slots
) -> None:
    refs = [owner.login() for _ in range(3)]
    for ref in refs[:2]:
        slots.redis.delete(keys.session(owner.public_id, ref.sid))
    new = owner.login(ended=0)
    assert [owner.refusal(ref) for ref in (*refs, new)] == [
        *["SESSION_EXPIRED"] * 2,
        *[""] * 2,
    ]
    slots.redis.delete(keys.session(owner.public_id, new.sid))
    assert owner.end("all", "") == 1


def test_the_record_that_is_asked_for_goes_with_all_others(owner: Owner, slots: Slots) -> None:
    ref = owner.login()
    slots.redis.delete(keys.index(owner.public_id))
    assert owner.end("all", ref.sid) == 0
    assert slots.records(owner.public_id) == set()
