"""How sessions end in the store, and what is told of them afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore

DAY = 86_400


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


def test_logout_ends_this_session_the_others_or_all(owner: Owner) -> None:
    first, second, third = owner.login(), owner.login(), owner.login()
    assert owner.end("one", first.sid) == 1
    assert [owner.refusal(ref) for ref in (first, second)] == ["SESSION_REVOKED", ""]
    assert owner.end("others", second.sid) == 1
    assert [owner.refusal(ref) for ref in (second, third)] == ["", "SESSION_REVOKED"]
    fourth = owner.login()
    assert owner.end("all", fourth.sid) == 2
    assert owner.listed() == []


def test_what_is_ended_ends_once(owner: Owner) -> None:
    ref = owner.login()
    assert [owner.end("one", ref.sid) for _ in range(2)] == [1, 0]
    assert owner.end("one", "no-such-session") == 0
    assert owner.end("others", "no-such-session") == 0


def test_a_session_that_its_index_does_not_name_has_ended(
    owner: Owner, redis: Redis, slots: Slots
) -> None:
    replaced, other = owner.login(device="a"), owner.login()
    current = owner.login(device="a", ended=1)
    assert [owner.refusal(ref) for ref in (replaced, other, current)] == [""] * 3
    redis.delete(keys.index(owner.public_id))  # maxmemory with an eviction policy does that
    assert owner.end("all", "") == 0
    assert owner.end("one", other.sid) == 0
    assert other.sid not in slots.records(owner.public_id)
    assert [owner.refusal(ref) for ref in (replaced, other, current)] != [""] * 3
    assert "" not in [owner.refusal(ref) for ref in (replaced, other, current)]
    assert slots.records(owner.public_id) == set()
    again = owner.login(device="a", carried=current, ended=0)
    assert owner.listed() == [again.sid]


def test_a_replaced_session_ends_with_the_sign_out_of_a_successor_whose_record_was_evicted(
    owner: Owner, redis: Redis
) -> None:
    replaced = owner.login(device="a")
    current = owner.login(device="a", carried=replaced, ended=1)
    redis.delete(keys.session(owner.public_id, current.sid))
    assert owner.refusal(replaced) == ""
    assert owner.end("one", current.sid) == 0
    assert owner.refusal(replaced) == "SESSION_REPLACED"


def test_nothing_brings_back_an_ended_session(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    ref = owner.login(device="a")
    other = owner.login()
    owner.end("one", ref.sid)
    clock.forward(61)
    owner.refusal(ref)
    owner.store.list(owner.public_id)
    owner.login(device="a", carried=ref, ended=0)
    assert owner.refusal(ref) == "SESSION_REVOKED"
    assert ref.sid not in slots.records(owner.public_id) | set(slots.index(owner.public_id))
    assert other.sid in owner.listed()


def test_tombstones_are_twenty_at_most_and_the_latest(
    make_store: Callable[..., SessionStore], clock: SettableClock, slots: Slots
) -> None:
    owner = Owner(make_store(max_devices=1))
    made = []
    for _ in range(25):
        made.append(owner.login())
        clock.forward(1)
    assert len(slots.tombstones(owner.public_id)) == 20
    assert [owner.refusal(ref) for ref in made] == [
        *["SESSION_EXPIRED"] * 4,
        *["SESSION_REPLACED"] * 20,
        "",
    ]


def test_a_tombstone_tells_for_a_day(owner: Owner, clock: SettableClock, slots: Slots) -> None:
    ref = owner.login()
    owner.end("all", ref.sid)
    assert slots.seconds_left(keys.tombstones(owner.public_id)) == DAY
    clock.forward(DAY - 0.001)
    assert owner.refusal(ref) == "SESSION_REVOKED"
    clock.forward(0.001)
    assert owner.refusal(ref) == "SESSION_EXPIRED"


# Records of other versions


def test_a_record_of_an_unknown_version_reads_as_absent(
    owner: Owner, redis: Redis, clock: SettableClock
) -> None:
    ref, other = owner.login(), owner.login()
    redis.hset(keys.session(owner.public_id, ref.sid), "v", "2")
    assert owner.refusal(ref) == "SESSION_EXPIRED"
    assert owner.listed() == [other.sid]
    assert owner.end("all", other.sid) == 2


def test_a_record_without_a_version_reads_as_absent(owner: Owner, redis: Redis) -> None:
    ref = owner.login()
    redis.hdel(keys.session(owner.public_id, ref.sid), "v")
    assert owner.refusal(ref) == "SESSION_EXPIRED"
    assert owner.listed() == []
