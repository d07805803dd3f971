"""A login that takes the place of another session: the same device's, or the carried token's."""

from __future__ import annotations

import pytest

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore

GRACE = 30


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


def test_a_login_of_the_same_device_takes_its_sessions_place(owner: Owner) -> None:
    other = owner.login(device="b")
    owner.login(device="a")
    after = owner.login(device="a", ended=1)
    assert set(owner.listed()) == {other.sid, after.sid}


def test_sessions_that_name_no_device_stay_side_by_side(owner: Owner) -> None:
    assert len({owner.login(ended=0).sid for _ in range(3)} & set(owner.listed())) == 3


def test_a_login_that_carries_a_token_takes_its_sessions_place(owner: Owner) -> None:
    before, other = owner.login(), owner.login()
    after = owner.login(carried=before, ended=1)
    assert set(owner.listed()) == {other.sid, after.sid}


def test_a_replaced_token_works_for_thirty_seconds(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    before = owner.login(device="a")
    after = owner.login(device="a")
    clock.forward(GRACE - 0.001)
    assert owner.store.get(before).session.current_sid == after.sid
    assert slots.seconds_left(keys.session(owner.public_id, before.sid)) == GRACE
    clock.forward(0.001)
    assert owner.refusal(before) == "SESSION_REPLACED"
    assert owner.refusal(after) == ""


def test_a_replaced_session_is_not_renewed(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    before = owner.login(device="a")
    made = owner.store.get(before).session
    clock.forward(120)
    after = owner.login(device="a")
    clock.forward(1)
    read = owner.store.get(before).session
    assert (read.seen, read.idle_deadline) == (made.seen, made.idle_deadline)
    assert slots.seconds_left(keys.session(owner.public_id, before.sid)) == GRACE
    assert list(slots.index(owner.public_id)) == [after.sid]


def test_a_replaced_token_does_not_outlive_the_greatest_age(
    owner: Owner, clock: SettableClock
) -> None:
    before = owner.login(device="a")
    for _ in range(5):
        clock.forward(6 * 86_400 - 2)
        owner.store.get(before)
    owner.login(device="a", ended=1)
    clock.forward(10)
    assert owner.refusal(before) == "SESSION_REPLACED"


def test_the_immediate_predecessor_alone_keeps_working(owner: Owner, slots: Slots) -> None:
    first, second, third = (owner.login(device="a") for _ in range(3))
    assert [owner.refusal(ref) for ref in (first, second, third)] == ["SESSION_REPLACED", "", ""]
    assert slots.records(owner.public_id) == {second.sid, third.sid}


def test_parallel_logins_of_one_device_leave_one_session(owner: Owner) -> None:
    """Each of them may have read the same token before; whichever is last has the place."""
    before = owner.login(device="a")
    rest = [owner.login(device="a", carried=before, ended=1) for _ in range(4)]
    assert owner.listed() == [rest[-1].sid]
    assert [owner.refusal(ref) for ref in [before, *rest]] == [*["SESSION_REPLACED"] * 3, "", ""]


def test_a_carried_token_in_its_grace_means_its_successor(owner: Owner) -> None:
    before = owner.login()
    owner.login(carried=before)
    last = owner.login(carried=before, ended=1)
    assert owner.listed() == [last.sid]


def test_a_carried_token_past_its_grace_takes_no_place(owner: Owner, clock: SettableClock) -> None:
    before = owner.login()
    after = owner.login(carried=before)
    clock.forward(GRACE)
    last = owner.login(carried=before, ended=0)
    assert set(owner.listed()) == {after.sid, last.sid}


def test_a_carried_token_that_is_ended_takes_no_place(owner: Owner) -> None:
    before, other = owner.login(), owner.login()
    owner.end("one", before.sid)
    last = owner.login(carried=before, ended=0)
    assert set(owner.listed()) == {other.sid, last.sid}
    assert owner.refusal(before) == "SESSION_REVOKED"


def test_a_carried_token_of_another_user_takes_no_place(owner: Owner, store: SessionStore) -> None:
    stranger = Owner(store)
    theirs = stranger.login()
    owner.login(carried=theirs, ended=0)
    assert stranger.refusal(theirs) == ""


def test_a_login_on_a_second_device_with_its_token_ends_both(owner: Owner) -> None:
    """The carried session gives its place; the device's own session ends at once."""
    carried, same_device = owner.login(device="a"), owner.login(device="b")
    last = owner.login(device="b", carried=carried, ended=2)
    assert owner.listed() == [last.sid]
    assert [owner.refusal(ref) for ref in (carried, same_device)] == ["", "SESSION_REPLACED"]


def test_a_replacement_at_the_limit_ends_nobody_else(owner: Owner) -> None:
    others = [owner.login().sid, owner.login().sid]
    owner.login(device="a")
    last = owner.login(device="a", ended=1)
    assert set(owner.listed()) == {*others, last.sid}


# Signing out around a replacement


def test_signing_out_with_a_replaced_token_ends_the_session_in_its_place(owner: Owner) -> None:
    before = owner.login(device="a")
    after = owner.login(device="a")
    assert owner.end("one", before.sid) == 1
    assert owner.refusal(after) == "SESSION_REVOKED"
    assert owner.refusal(before) == "SESSION_REPLACED"


def test_ending_the_others_with_a_replaced_token_spares_its_successor(owner: Owner) -> None:
    before, other = owner.login(device="a"), owner.login()
    after = owner.login(device="a")
    assert owner.end("others", before.sid) == 1
    assert [owner.refusal(ref) for ref in (after, other)] == ["", "SESSION_REVOKED"]


def test_past_the_grace_a_replaced_id_means_nothing(owner: Owner, clock: SettableClock) -> None:
    before = owner.login(device="a")
    after = owner.login(device="a")
    clock.forward(GRACE)
    assert owner.end("one", before.sid) == 0
    assert owner.refusal(after) == ""


def test_signing_out_takes_the_predecessor_in_its_grace_along(owner: Owner, slots: Slots) -> None:
    before = owner.login(device="a")
    after = owner.login(device="a")
    assert owner.end("all", after.sid) == 1
    assert [owner.refusal(ref) for ref in (before, after)] == [
        "SESSION_REPLACED",
        "SESSION_REVOKED",
    ]
    assert slots.records(owner.public_id) == set()
