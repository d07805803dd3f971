"""What the session store is told: the device policy, and the limits that a request counts for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
from limits import parse
from redis import Redis

from tests.harness.clock import SettableClock
from tests.harness.owner import DRAFT, Owner
from wxlogin.limits.errors import LimitReached
from wxlogin.limits.windows import Window, declared
from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions import DevicePolicy, Lifetimes, SessionStore, TokenRef
from wxlogin.sessions.errors import DeviceLimitReached, SessionExpired, SessionRevoked, UserBanned

Policy = Callable[..., SessionStore]


@pytest.fixture
def policy(scripts: Scripts, clock: SettableClock) -> Policy:
    """Makes stores with a device policy of two sessions."""

    def make(
        single: Literal["off", "all", "per-platform"] = "off",
        overflow: Literal["evict", "refuse"] = "evict",
        on_unknown_version: Callable[[str], None] = lambda _user: None,
    ) -> SessionStore:
        devices = DevicePolicy(single, 2, overflow)
        return SessionStore(scripts, clock, Lifetimes(600, 1800), devices, on_unknown_version)

    return make


def login(owner: Owner, platform: str) -> TokenRef:
    """Log in on a platform."""
    ref = owner.token()
    owner.store.create(ref, replace(DRAFT, platform=platform), None)
    return ref


def listed(owner: Owner) -> set[str]:
    """The ids of the live sessions."""
    return set(owner.listed())


def test_one_session_too_many_is_refused_where_the_policy_says_so(policy: Policy) -> None:
    owner = Owner(policy(overflow="refuse"))
    first, second = owner.login(), owner.login()
    with pytest.raises(DeviceLimitReached):
        owner.login()
    assert listed(owner) == {first.sid, second.sid}
    owner.end("one", first.sid)
    owner.login()


def test_a_login_that_replaces_a_session_is_not_refused_at_the_limit(policy: Policy) -> None:
    owner = Owner(policy(overflow="refuse"))
    carried = owner.login()
    owner.login()
    after = owner.login(carried=carried, ended=1)
    assert after.sid in listed(owner)
    assert len(listed(owner)) == 2


def test_single_sessions_per_platform_end_only_those_of_the_platform(policy: Policy) -> None:
    owner = Owner(policy("per-platform"))
    phone, desktop = login(owner, "ios"), login(owner, "windows")
    other_phone = login(owner, "ios")
    assert listed(owner) == {desktop.sid, other_phone.sid}
    assert owner.refusal(phone) == "SESSION_REPLACED"


def test_a_single_session_ends_all_others(policy: Policy) -> None:
    owner = Owner(policy("all"))
    login(owner, "ios")
    last = login(owner, "windows")
    assert listed(owner) == {last.sid}


def test_a_region_is_stored_with_the_session(policy: Policy) -> None:
    owner = Owner(policy())
    ref = owner.token()
    made = owner.store.create(ref, replace(DRAFT, region="CN/Guangdong"), None).session
    assert made.region == "CN/Guangdong"
    assert owner.store.get(ref).session == made


def test_a_record_of_an_unknown_version_is_reported_with_its_user(
    policy: Policy, redis: Redis
) -> None:
    reported: list[str] = []
    owner = Owner(policy(on_unknown_version=reported.append))
    ref = owner.login()
    owner.store.get(ref)
    assert reported == []
    redis.hset(keys.session(owner.public_id, ref.sid), "v", "2")
    with pytest.raises(SessionExpired):
        owner.store.get(ref)
    assert reported == [owner.public_id]


def test_ending_and_blocking_several_users_counts_their_sessions(policy: Policy) -> None:
    store = policy()
    owners = [Owner(store), Owner(store), Owner(store)]
    public_ids = [owner.public_id for owner in owners]
    for owner in owners[:2]:
        owner.login()
    assert store.end_all(public_ids) == 2
    refs = [owner.login() for owner in owners]
    assert store.block_all(public_ids, "app") == 3
    assert {owner.refusal(ref) for owner, ref in zip(owners, refs, strict=True)} == {
        "SESSION_REVOKED"
    }
    assert store.unblock_all(public_ids[:2], "banned") == 0
    assert store.unblock_all(public_ids[:2], "app") == 2
    owners[0].login()


def test_several_users_who_are_banned_are_banned_without_an_end(policy: Policy) -> None:
    owner = Owner(policy())
    owner.store.block_all([owner.public_id], "banned")
    with pytest.raises(UserBanned) as banned:
        owner.login()
    assert banned.value.until == 0


# Limits


def window(subject: str, clock: SettableClock, amount: int) -> Window:
    """A window of a minute."""
    return declared(parse(f"{amount}/minute"), "api_openid").window(subject, clock())


def test_a_request_counts_for_its_user_and_its_address(
    policy: Policy, clock: SettableClock, redis: Redis
) -> None:
    owner = Owner(policy())
    ref = owner.login()
    own = window(keys.user_limits(owner.public_id), clock, 2)
    address = window(keys.address_limits(owner.public_id), clock, 9)
    for _ in range(2):
        owner.store.get(ref, [own], [address])
    with pytest.raises(LimitReached) as over:
        owner.store.get(ref, [own], [address])
    assert (over.value.key, over.value.limit) == (own.key, "api_openid")
    assert over.value.left == own.left
    assert over.value.retry_after is not None
    assert own.left <= over.value.retry_after < own.left + 1
    assert (redis.get(own.key), redis.get(address.key)) == ("3", "3")
    assert 0 < redis.pttl(own.key) <= own.life


def test_a_dead_session_counts_for_its_address_alone(
    policy: Policy, clock: SettableClock, redis: Redis
) -> None:
    owner = Owner(policy())
    ref = owner.login()
    owner.end("one", ref.sid)
    own = window(keys.user_limits(owner.public_id), clock, 2)
    address = window(keys.address_limits(owner.public_id), clock, 1)
    with pytest.raises(SessionRevoked):
        owner.store.get(ref, [own], [address])
    with pytest.raises(LimitReached) as over:  # before anything is said of the session
        owner.store.get(ref, [own], [address])
    assert over.value.key == address.key
    assert (redis.get(own.key), redis.get(address.key)) == (None, "2")
