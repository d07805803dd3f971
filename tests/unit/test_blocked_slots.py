"""A user who is banned, erased or whose app is disabled: sessions end, logins find the mark."""

from __future__ import annotations

from functools import partial

import pytest

from tests.harness.clock import SettableClock
from tests.harness.crowd import together
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.clock import iso, milliseconds
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore, TokenRef
from wxlogin.sessions.errors import AppDisabled, SessionError, UserBanned, UserErased
from wxlogin.sessions.store import BlockReason, Change

HOUR_MS = 3_600_000
ERRORS: dict[BlockReason, type[SessionError]] = {
    "app": AppDisabled,
    "banned": UserBanned,
    "erased": UserErased,
}


def login_refusal(owner: Owner, ref: TokenRef | None = None) -> SessionError | None:
    """How the user's next login is refused, if it is."""
    try:
        owner.login(ref=ref)
    except SessionError as refused:
        return refused
    return None


def token_refusal(owner: Owner, ref: TokenRef) -> SessionError:
    """How the token is refused."""
    with pytest.raises(SessionError) as refused:
        owner.store.get(ref)
    return refused.value


def test_blocking_ends_all_sessions_and_says_how_many(store: SessionStore) -> None:
    owner = Owner(store)
    tokens = [owner.login() for _ in range(2)]
    assert store.block(owner.public_id, "app") == 2
    assert {owner.refusal(ref) for ref in tokens} == {"SESSION_REVOKED"}
    assert store.block(owner.public_id, "app") == 0


@pytest.mark.parametrize("why", ERRORS)
def test_a_login_that_comes_after_makes_no_session(
    store: SessionStore, slots: Slots, why: BlockReason
) -> None:
    owner, other = Owner(store), Owner(store)
    store.block(owner.public_id, why)
    refused = login_refusal(owner)
    assert type(refused) is ERRORS[why]
    assert slots.records(owner.public_id) == set()
    other.login()


@pytest.mark.parametrize("why", ERRORS)
def test_logins_pass_again_once_the_mark_is_lifted(store: SessionStore, why: BlockReason) -> None:
    owner = Owner(store)
    store.block(owner.public_id, why)
    store.unblock(owner.public_id, why)
    owner.login()


def test_one_mark_lifted_leaves_the_other(store: SessionStore) -> None:
    owner = Owner(store)
    store.block(owner.public_id, "banned")
    store.block(owner.public_id, "app")
    store.unblock(owner.public_id, "banned")
    refused = login_refusal(owner)
    assert type(refused) is AppDisabled
    store.unblock(owner.public_id, "app")
    owner.login()


def test_the_mark_goes_by_itself(store: SessionStore, slots: Slots) -> None:
    owner = Owner(store)
    store.block(owner.public_id, "app")
    (mark,) = slots.names(owner.public_id)
    assert mark == f"{keys.slot(owner.public_id)}b"
    assert slots.seconds_left(mark) == 3600


def test_keys_that_go_with_the_sessions_are_deleted(store: SessionStore, slots: Slots) -> None:
    owner = Owner(store)
    counter = f"{keys.user_limits(owner.public_id)}/x"
    slots.redis.set(counter, 1, px=60_000)
    store.block(owner.public_id, "erased", extra_keys=[counter])
    assert slots.names(owner.public_id) == {keys.mark(owner.public_id)}


# Changes that reach Redis in another order than SQL committed them


@pytest.mark.parametrize("why", ["app", "banned"])
def test_a_block_that_comes_after_its_lift_refuses_nobody(
    store: SessionStore, clock: SettableClock, why: BlockReason
) -> None:
    owner = Owner(store)
    before = owner.login()
    committed = Change(version=1, void_before=milliseconds(clock))
    clock.forward(1)
    store.unblock(owner.public_id, why, version=2)
    after = owner.login()
    assert store.block(owner.public_id, why, change=committed) == 1
    assert [owner.refusal(ref) for ref in (before, after)] == ["SESSION_REVOKED", ""]
    owner.login()


@pytest.mark.parametrize("why", ["app", "banned"])
def test_a_lift_that_comes_after_a_newer_block_lifts_nothing(
    store: SessionStore, why: BlockReason
) -> None:
    owner = Owner(store)
    store.block(owner.public_id, why, change=Change(version=3))
    store.unblock(owner.public_id, why, version=2)
    assert type(login_refusal(owner)) is ERRORS[why]
    store.unblock(owner.public_id, why, version=4)
    owner.login()


def test_an_older_ban_moves_no_end(store: SessionStore, clock: SettableClock) -> None:
    owner, until = Owner(store), milliseconds(clock) + HOUR_MS
    store.block(owner.public_id, "banned", until, Change(version=2))
    store.block(owner.public_id, "banned", until + HOUR_MS, Change(version=1))
    refused = login_refusal(owner)
    assert isinstance(refused, UserBanned)
    assert refused.until == until


# Bans


def test_a_banned_users_token_and_login_say_until_when(
    store: SessionStore, clock: SettableClock
) -> None:
    owner, until = Owner(store), milliseconds(clock) + HOUR_MS
    ref = owner.login()
    store.block(owner.public_id, "banned", until)
    for refused in (token_refusal(owner, ref), login_refusal(owner)):
        assert isinstance(refused, UserBanned)
        assert refused.until == until
        assert refused.members == {"until": iso(until)}


def test_a_ban_without_an_end_says_none(store: SessionStore) -> None:
    owner = Owner(store)
    ref = owner.login()
    store.block(owner.public_id, "banned")
    assert token_refusal(owner, ref).members == {"until": None}


def test_a_ban_ends_by_itself(store: SessionStore, clock: SettableClock) -> None:
    owner = Owner(store)
    ref = owner.login()
    store.block(owner.public_id, "banned", milliseconds(clock) + 60_000)
    clock.forward(59.999)
    assert owner.refusal(ref) == "USER_BANNED"
    assert login_refusal(owner)
    clock.forward(0.001)
    assert owner.refusal(ref) == "SESSION_REVOKED"
    owner.login()


def test_a_token_from_before_a_lifted_ban_is_revoked(store: SessionStore, slots: Slots) -> None:
    owner = Owner(store)
    ref = owner.login()
    store.block(owner.public_id, "banned")
    store.unblock(owner.public_id, "banned")
    assert owner.refusal(ref) == "SESSION_REVOKED"
    assert slots.immortal(owner.public_id) == set()


def test_a_second_ban_moves_the_end_of_the_first(store: SessionStore, clock: SettableClock) -> None:
    owner = Owner(store)
    ref = owner.login()
    for until in (milliseconds(clock) + HOUR_MS, milliseconds(clock) + 2 * HOUR_MS):
        store.block(owner.public_id, "banned", until)
        assert token_refusal(owner, ref).members == {"until": iso(until)}


def test_a_ban_does_not_speak_for_sessions_that_had_ended(store: SessionStore) -> None:
    owner = Owner(store)
    ref = owner.login()
    owner.end("one", ref.sid)
    store.block(owner.public_id, "banned")
    assert owner.refusal(ref) == "SESSION_REVOKED"


@pytest.mark.parametrize("why", ERRORS)
def test_of_logins_at_the_moment_of_a_ban_none_survives(
    store: SessionStore, slots: Slots, why: BlockReason
) -> None:
    """They have read SQL before; on which side of the mark each comes does not matter."""
    for _ in range(20):
        owner = Owner(store)
        logins = [partial(login_refusal, owner) for _ in range(6)]
        together([*logins[:3], partial(store.block, owner.public_id, why), *logins[3:]])
        assert slots.records(owner.public_id) == set(slots.index(owner.public_id)) == set()
