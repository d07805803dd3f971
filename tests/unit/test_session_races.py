"""Many requests of one user at once, against one Valkey."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.harness.clock import SettableClock
from tests.harness.crowd import together
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.sessions import SessionStore, TokenRef


@pytest.mark.parametrize("most", [1, 12])
def test_of_fifty_logins_at_once_as_many_survive_as_a_user_may_hold(
    make_store: Callable[..., SessionStore], slots: Slots, most: int
) -> None:
    owner = Owner(make_store(max_devices=most))
    refs = together([owner.login] * 50)
    alive = {ref.sid for ref in refs if owner.refusal(ref) == ""}
    assert len(alive) == most
    assert (
        alive
        == set(owner.listed())
        == set(slots.index(owner.public_id))
        == slots.records(owner.public_id)
    )


def test_where_one_session_is_allowed_logins_at_once_leave_one_each_time(
    make_store: Callable[..., SessionStore],
) -> None:
    store = make_store(max_devices=12, single="all")
    for _ in range(200):
        owner = Owner(store)
        refs = together([owner.login] * 8)
        alive = [ref.sid for ref in refs if owner.refusal(ref) == ""]
        assert owner.listed() == alive
        assert len(alive) == 1


def test_logins_of_one_device_at_once_leave_one_session_and_one_in_its_grace(
    owner: Owner, slots: Slots
) -> None:
    refs = together([partial(owner.login, device="a")] * 20)
    assert len(owner.listed()) == 1
    assert len([ref for ref in refs if owner.refusal(ref) == ""]) == 2
    assert len(slots.records(owner.public_id)) == 2


def test_two_logins_with_one_token_at_once_leave_one_session(owner: Owner) -> None:
    carried = owner.login()
    together([partial(owner.login, carried=carried)] * 2)
    assert len(owner.listed()) == 1
    assert owner.refusal(carried) == "SESSION_REPLACED"


def test_requests_in_flight_do_not_bring_back_what_logout_ended(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    refs = [owner.login() for _ in range(3)]
    clock.forward(61)  # every read renews

    def ask(ref: TokenRef) -> set[str]:
        return {owner.refusal(ref) for _ in range(20)}

    def end() -> set[str]:
        owner.end("all", refs[0].sid)
        return set()

    seen = set().union(*together([*[partial(ask, ref) for ref in refs * 4], end]))
    assert seen <= {"", "SESSION_REVOKED"}
    assert slots.records(owner.public_id) == set(slots.index(owner.public_id)) == set()
    assert {owner.refusal(ref) for ref in refs} == {"SESSION_REVOKED"}


def test_a_session_is_ended_by_one_of_many_logouts(owner: Owner) -> None:
    ref = owner.login()
    assert sorted(together([partial(owner.end, "one", ref.sid)] * 10)) == [*[0] * 9, 1]


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)
