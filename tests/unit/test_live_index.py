"""The index of live sessions: newest first, bounded in cost, and never taken for the truth."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import Scripts, connect, keys
from wxlogin.sessions import SessionStore
from wxlogin.sessions.live import SHARDS, WANTED_ROUNDS, Entry, LiveIndex, handle, parse_handle
from wxlogin.wiring import SCRIPT_FOLDERS

DAY = 86_400


@pytest.fixture(autouse=True)
def nobody(redis: Redis) -> Iterator[None]:
    """No session of another test, and none for the next."""
    redis.flushdb()
    yield
    redis.flushdb()


def entries(redis: Redis) -> dict[str, int]:
    """All that stands in the index, with the login times."""
    found: dict[str, int] = {}
    for shard in range(SHARDS):
        rows = redis.zrange(keys.live(shard), 0, -1, withscores=True)
        found |= {name: int(at) for name, at in rows}
    return found


def names(store: SessionStore, most: int = 50, behind: Entry | None = None) -> list[str]:
    """The handles of a page."""
    page = store.live.page(most, behind)
    return [handle(session.user, session.sid) for session in page.sessions]


def all_pages(index: LiveIndex, most: int) -> Iterator[list[str]]:
    """The handles of one page after the other."""
    page = index.page(most)
    yield [handle(session.user, session.sid) for session in page.sessions]
    while page.last:
        page = index.page(most, page.last)
        yield [handle(session.user, session.sid) for session in page.sessions]


def logins(store: SessionStore, clock: SettableClock, many: int, every: float = 0.1) -> list[str]:
    """The handles of the sessions of so many users, newest first."""
    made = []
    for _ in range(many):
        owner = Owner(store)
        made.append(handle(owner.public_id, owner.login().sid))
        clock.forward(every)
    return made[::-1]


def test_a_login_is_in_the_index_by_its_time(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    (name,) = logins(store, clock, 1)
    assert entries(redis) == {name: int(clock() * 1000) - 100}
    assert store.live.count() == 1
    assert names(store) == [name]


def test_pages_give_every_session_once_newest_first(
    store: SessionStore, clock: SettableClock
) -> None:
    made = logins(store, clock, 150)
    pages = list(all_pages(store.live, 40))
    assert [name for page in pages for name in page] == made
    assert max(len(page) for page in pages) == 40


def test_pages_give_sessions_of_one_moment_once(store: SessionStore, clock: SettableClock) -> None:
    made = logins(store, clock, 700, every=0)
    found = [name for page in all_pages(store.live, 9) for name in page]
    assert sorted(found) == sorted(made)


def test_a_page_that_holds_all_sessions_is_the_last(
    store: SessionStore, clock: SettableClock
) -> None:
    logins(store, clock, 5)
    page = store.live.page(5)
    assert (len(page.sessions), page.last) == (5, None)
    first = store.live.page(4)
    assert first.last is not None
    assert first.last.handle == names(store, 4)[-1]
    assert store.live.page(4, first.last).last is None


def test_an_empty_index_has_an_empty_page(store: SessionStore) -> None:
    assert store.live.page(50) == ([], None)
    assert store.live.count() == 0


def test_what_ends_leaves_the_index(store: SessionStore, redis: Redis) -> None:
    owner = Owner(store)
    first = owner.login()
    assert (len(entries(redis)), owner.end("one", first.sid), entries(redis)) == (1, 1, {})
    owner.login()
    assert (len(entries(redis)), store.end_all([owner.public_id]), entries(redis)) == (1, 1, {})
    owner.login()
    assert (len(entries(redis)), store.block(owner.public_id, "app"), entries(redis)) == (1, 1, {})


def test_what_a_login_ends_leaves_the_index(store: SessionStore, redis: Redis) -> None:
    owner = Owner(store)
    owner.login(device="a")
    made = [owner.login(device="a", ended=1), owner.login(), owner.login()]
    assert set(entries(redis)) == {handle(owner.public_id, ref.sid) for ref in made}
    owner.login(ended=1)
    assert len(entries(redis)) == 3


def test_a_session_that_is_gone_is_dropped_when_it_is_read(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    made = logins(store, clock, 30)
    clock.forward(7 * DAY - 1.5)  # the first half and a little more was idle too long
    live = names(store)
    assert 0 < len(live) < 30
    assert live == made[: len(live)]
    assert set(entries(redis)) == set(live)


def test_a_page_looks_past_dead_entries(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    old = logins(store, clock, 3)
    for name in logins(store, clock, 12):
        redis.delete(keys.session(*name.split(".")))
    assert names(store, 4) == old
    assert set(entries(redis)) == set(old)


def test_a_page_with_dead_entries_has_no_more_sessions_than_asked_for(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    old = logins(store, clock, 12)
    dead, *newest = logins(store, clock, 3)
    redis.delete(keys.session(*dead.split(".")))
    assert names(store, 4) == [*newest, *old[:2]]


def test_a_record_of_an_unknown_version_is_not_shown(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    shown, hidden = logins(store, clock, 2)
    redis.hset(keys.session(*hidden.split(".")), "v", "2")
    assert names(store) == [shown]
    assert set(entries(redis)) == {shown, hidden}


def test_a_login_prunes_what_is_older_than_any_session(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    owner = Owner(store)
    owner.login()
    (shard,) = redis.keys("wxl:1:live:*")
    redis.zadd(shard, {f"dead.{n}": n for n in range(30)})
    owner.login()
    assert redis.zcard(shard) == 2 + 30 - 20
    owner.login()
    assert redis.zcard(shard) == 3


def test_shards_expire_when_no_session_can_live_any_more(
    store: SessionStore, redis: Redis, clock: SettableClock, slots: Slots
) -> None:
    logins(store, clock, 20)
    shards = redis.keys("wxl:1:live:*")
    assert shards
    assert {slots.seconds_left(shard) for shard in shards} == {30 * DAY}


def test_a_page_costs_the_same_however_many_live(
    store: SessionStore, redis: Redis, clock: SettableClock
) -> None:
    yesterday = int((clock() - DAY) * 1000)
    for shard in range(SHARDS):
        rows = {f"dead{n}.x": yesterday + n for n in range(shard, 100_000, SHARDS)}
        redis.zadd(keys.live(shard), rows)
    made = logins(store, clock, 120)
    assert store.live.count() == 100_120
    names(store)  # the scripts are known by now
    before = commands(redis)
    assert names(store) == made[:50]
    ran = {name: count - before.get(name, 0) for name, count in commands(redis).items()}
    assert ran.pop("cmdstat_evalsha") == SHARDS + 50
    assert ran.pop("cmdstat_zrevrange") == SHARDS
    assert ran.pop("cmdstat_zrangebyscore") == 50
    assert ran.pop("cmdstat_hgetall") == 50
    assert sum(ran.values()) <= 1  # the question itself


def commands(redis: Redis) -> dict[str, int]:
    """How often each command ran, those of scripts among them."""
    return {name: row["calls"] for name, row in redis.info("commandstats").items()}


def test_a_handle_names_a_user_and_a_session() -> None:
    public_id, sid = "a" * 22, "b" * 21 + "_"
    assert parse_handle(handle(public_id, sid)) == (public_id, sid)
    for other in (
        "",
        public_id,
        f"{public_id}.{sid}x",
        f"x{public_id}.{sid}",
        f"{public_id}-{sid}",
        f"{public_id}.{sid}\n",
    ):
        assert parse_handle(other) is None


def test_without_redis_the_index_misses_sessions_and_fails_no_login(
    owner: Owner, clock: SettableClock, caplog: pytest.LogCaptureFixture
) -> None:
    session = owner.store.get(owner.login()).session
    index = LiveIndex(Scripts(connect("redis://127.0.0.1:1"), SCRIPT_FOLDERS), clock, DAY)
    index.add(session, [])
    index.remove([(session.user, session.sid)])
    assert caplog.messages == [
        "a live session is not in the index: ConnectionError",
        "ended sessions stay in the index: ConnectionError",
    ]


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


def test_a_page_of_wanted_sessions_has_them_alone_and_loses_none(
    store: SessionStore, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin.sessions.live.WANTED_STEP", 7)
    monkeypatch.setattr("wxlogin.sessions.live.WANTED_SECONDS", 60.0)
    made = logins(store, clock, 60)
    wanted = set(made[::5])
    found: list[str] = []
    after = None
    while True:
        page = store.live.page(
            2, after, lambda session: handle(session.user, session.sid) in wanted
        )
        assert len(page.sessions) <= 2
        found += [handle(session.user, session.sid) for session in page.sessions]
        if (after := page.last) is None:
            break
    assert found == [name for name in made if name in wanted]


def test_a_page_of_wanted_sessions_looks_at_so_many_and_no_more(
    store: SessionStore, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxlogin.sessions.live.WANTED_STEP", 5)
    monkeypatch.setattr("wxlogin.sessions.live.WANTED_SECONDS", 60.0)
    logins(store, clock, 60)
    looked: list[str] = []
    page = store.live.page(5, None, lambda session: bool(looked.append(session.sid)))
    assert page.sessions == []
    assert page.last is not None
    assert len(looked) == 5 * WANTED_ROUNDS
