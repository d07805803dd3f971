"""The session store on a real Valkey: making, reading, listing, and how many there may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis.exceptions import ResponseError

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import keys
from wxlogin.sessions import SessionStore
from wxlogin.sessions.records import Draft

DAY = 86_400


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


# Create and read


def test_a_session_reads_as_it_was_made(owner: Owner, clock: SettableClock) -> None:
    draft = Draft("wx0123456789abcdef", "ios", "Alice 的手机", "d" * 32, "2001:db8::1")
    ref = owner.token()
    made, ended = owner.store.create(ref, draft, None)
    assert ended == 0
    live = owner.store.get(ref)
    assert live.session == made
    assert live.session_key_until == 0
    assert (made.app, made.platform, made.name, made.ip) == (
        draft.app,
        draft.platform,
        draft.name,
        draft.ip,
    )
    assert made.created == made.seen == int(clock() * 1000)
    assert made.idle_deadline - made.created == 604_800_000
    assert made.deadline - made.created == 2_592_000_000
    assert made.current_sid == ref.sid


def test_what_a_login_leaves_out_reads_as_empty(owner: Owner) -> None:
    ref = owner.token()
    made = owner.store.create(ref, Draft("wx0123456789abcdef", "other", "", "", ""), None).session
    assert owner.store.get(ref).session == made
    assert (made.name, made.ip) == ("", "")


def test_a_session_that_was_never_made_is_expired(owner: Owner) -> None:
    assert owner.refusal(owner.token()) == "SESSION_EXPIRED"


def test_a_session_id_is_made_once(owner: Owner, slots: Slots) -> None:
    ref = owner.login()
    before = owner.store.get(ref)
    with pytest.raises(ResponseError, match="SESSIONEXISTS"):
        owner.login(ref=ref, device="other")
    assert owner.store.get(ref) == before
    assert list(slots.index(owner.public_id)) == [ref.sid]


def test_users_do_not_see_one_another(owner: Owner, store: SessionStore) -> None:
    stranger = Owner(store)
    mine, theirs = owner.login(), stranger.login()
    assert owner.listed() == [mine.sid]
    assert owner.end("all", theirs.sid) == 1
    assert stranger.listed() == [theirs.sid]


def test_sessions_are_listed_newest_first(owner: Owner, clock: SettableClock) -> None:
    made = []
    for _ in range(3):
        made.append(owner.login().sid)
        clock.forward(1)
    assert owner.listed() == made[::-1]


def test_no_key_is_immortal_and_none_outlives_its_session(owner: Owner, slots: Slots) -> None:
    ref = owner.login()
    assert slots.immortal(owner.public_id) == set()
    assert slots.seconds_left(keys.session(owner.public_id, ref.sid)) == 7 * DAY
    assert slots.seconds_left(keys.index(owner.public_id)) == 7 * DAY


# Limits in time


def test_a_session_ends_when_it_was_idle_too_long(owner: Owner, clock: SettableClock) -> None:
    ref = owner.login()
    clock.forward(7 * DAY - 0.001)
    assert owner.listed() == [ref.sid]
    clock.forward(0.001)
    assert owner.refusal(ref) == "SESSION_EXPIRED"
    assert owner.listed() == []
    assert owner.end("all", ref.sid) == 0


def test_use_keeps_a_session_until_its_greatest_age(owner: Owner, clock: SettableClock) -> None:
    ref = owner.login()
    for _ in range(5):
        clock.forward(6 * DAY - 4)  # what is left in the end is more than a busy machine's pause
        assert owner.refusal(ref) == ""
    assert owner.store.get(ref).session.expires == int(clock() * 1000) + 20_000
    clock.forward(20)
    assert owner.refusal(ref) == "SESSION_EXPIRED"


def test_the_greatest_age_bounds_the_first_deadline(
    make_store: Callable[..., SessionStore], slots: Slots
) -> None:
    owner = Owner(make_store(idle_ttl=600, max_age=600))
    ref = owner.login()
    assert slots.seconds_left(keys.session(owner.public_id, ref.sid)) == 600


def test_a_session_is_renewed_once_a_minute(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    ref = owner.login()
    made = owner.store.get(ref).session
    clock.forward(59.999)
    assert owner.store.get(ref).session == made
    clock.forward(0.001)
    renewed = owner.store.get(ref).session
    assert renewed.seen == made.seen + 60_000
    assert renewed.idle_deadline == made.idle_deadline + 60_000
    assert (renewed.created, renewed.deadline) == (made.created, made.deadline)
    assert slots.index(owner.public_id) == {ref.sid: renewed.idle_deadline}
    clock.forward(59.999)
    assert owner.store.get(ref).session == renewed


def test_a_renewal_pushes_the_keys_out(
    make_store: Callable[..., SessionStore], slots: Slots, clock: SettableClock
) -> None:
    owner = Owner(make_store(idle_ttl=600, max_age=1000))
    ref = owner.login()
    slots.redis.pexpire(keys.session(owner.public_id, ref.sid), 300_000)
    slots.redis.pexpire(keys.index(owner.public_id), 300_000)
    clock.forward(60)
    owner.store.get(ref)
    assert slots.seconds_left(keys.session(owner.public_id, ref.sid)) == 600
    assert slots.seconds_left(keys.index(owner.public_id)) == 600
    clock.forward(500)
    owner.store.get(ref)
    assert slots.seconds_left(keys.session(owner.public_id, ref.sid)) == 440


def test_a_short_session_does_not_shorten_the_index(
    owner: Owner, make_store: Callable[..., SessionStore], slots: Slots
) -> None:
    long = owner.login()
    Owner(make_store(idle_ttl=60), owner.public_id).login()
    assert slots.seconds_left(keys.index(owner.public_id)) == 7 * DAY
    assert owner.end("others", long.sid) == 1


def test_a_clock_that_runs_behind_renews_nothing(owner: Owner, clock: SettableClock) -> None:
    ref = owner.login()
    made = owner.store.get(ref).session
    clock.forward(-90)
    assert owner.store.get(ref).session == made


def test_a_session_seen_to_expire_stays_so_for_a_clock_behind(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    """Else it would live on where `logout all` and the device limit do not see it."""
    ref = owner.login()
    clock.forward(7 * DAY + 1)
    other = owner.login()
    clock.forward(-2)
    assert owner.refusal(ref) == "SESSION_EXPIRED"
    assert slots.records(owner.public_id) == {other.sid}


# More sessions than a user may hold


def test_the_oldest_session_ends_for_one_too_many(owner: Owner, clock: SettableClock) -> None:
    made = []
    for _ in range(3):
        made.append(owner.login())
        clock.forward(1)
    owner.store.get(made[0])
    fourth = owner.login(ended=1)
    assert owner.refusal(made[0]) == "SESSION_REPLACED"
    assert owner.listed() == [fourth.sid, made[2].sid, made[1].sid]


def test_age_counts_and_not_use(owner: Owner, clock: SettableClock) -> None:
    first = owner.login()
    clock.forward(1)
    second = owner.login()
    owner.login()
    clock.forward(3600)
    owner.store.get(first)
    owner.login(ended=1)
    assert owner.refusal(first) == "SESSION_REPLACED"
    assert owner.refusal(second) == ""


def test_of_sessions_of_one_moment_the_least_id_ends(owner: Owner) -> None:
    made = sorted((owner.login() for _ in range(3)), key=lambda ref: ref.sid)
    owner.login(ended=1)
    assert [owner.refusal(ref) for ref in made] == ["SESSION_REPLACED", "", ""]


def test_expired_sessions_take_no_place(owner: Owner, clock: SettableClock) -> None:
    for _ in range(3):
        owner.login()
    clock.forward(7 * DAY)
    for _ in range(3):
        owner.login(ended=0)


def test_a_lower_limit_ends_all_that_is_over_it(
    owner: Owner, make_store: Callable[..., SessionStore]
) -> None:
    for _ in range(3):
        owner.login()
    stricter = Owner(make_store(max_devices=1), owner.public_id)
    last = stricter.login(ended=3)
    assert owner.listed() == [last.sid]


def test_an_evicted_session_takes_its_predecessor_along(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    before = owner.login(device="a")
    after = owner.login(device="a", ended=1)
    assert owner.refusal(before) == ""
    clock.forward(1)
    rest = [owner.login(), owner.login(), owner.login(ended=1)]
    assert [owner.refusal(ref) for ref in (before, after)] == ["SESSION_REPLACED"] * 2
    assert slots.records(owner.public_id) == {ref.sid for ref in rest}
