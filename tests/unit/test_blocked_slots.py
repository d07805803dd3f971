"""A user whose app is disabled: the sessions end, and a login under way finds the mark."""

from __future__ import annotations

import pytest

from tests.harness.owner import Owner
from tests.harness.slots import Slots
from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.sessions import SessionStore, keys


def test_blocking_ends_all_sessions_and_says_how_many(store: SessionStore) -> None:
    owner = Owner(store)
    tokens = [owner.login() for _ in range(2)]
    assert store.block(owner.tag, "app") == 2
    assert {owner.refusal(ref) for ref in tokens} == {"SESSION_REVOKED"}
    assert store.block(owner.tag, "app") == 0


def test_a_login_that_comes_after_makes_no_session(store: SessionStore, slots: Slots) -> None:
    owner, other = Owner(store), Owner(store)
    store.block(owner.tag, "app")
    with pytest.raises(ApiError) as refused:
        owner.login()
    assert refused.value.entry is errors.APP_UNKNOWN
    assert slots.records(owner.tag) == set()
    other.login()


def test_the_mark_goes_by_itself(store: SessionStore, slots: Slots) -> None:
    owner = Owner(store)
    store.block(owner.tag, "app")
    (mark,) = slots.names(owner.tag)
    assert mark == f"{keys.slot(owner.tag)}b"
    assert slots.seconds_left(mark) == 3600
