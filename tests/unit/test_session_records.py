"""What a session is in Redis: a record of fixed fields with a version, and a tombstone."""

from __future__ import annotations

import pytest
from redis import Redis
from redis.exceptions import RedisError

from tests.harness.clock import SettableClock
from tests.harness.owner import Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import Scripts, keys
from wxlogin.redisdb.replies import Reply
from wxlogin.redisdb.scripts import Call
from wxlogin.sessions import Session, SessionStore, records
from wxlogin.sessions import slots as user_slots
from wxlogin.wiring import SCRIPT_FOLDERS


@pytest.fixture
def owner(store: SessionStore) -> Owner:
    """A user who may hold three sessions."""
    return Owner(store)


def test_a_record_has_version_1_and_no_empty_fields(owner: Owner, redis: Redis) -> None:
    """The version of before and the next read it, at the same time."""
    ref = owner.login(device="d")
    record = redis.hgetall(keys.session(owner.public_id, ref.sid))
    assert record["v"] == "1"
    assert set(record) == {
        "v",
        "app",
        "created",
        "seen",
        "idle_deadline",
        "deadline",
        "platform",
        "name",
        "ip",
        "device",
        "signing_key",
    }


def test_a_field_that_a_record_lacks_has_its_default() -> None:
    assert records.decode("user", "sid", ["v", "1"]) == Session(
        user="user",
        sid="sid",
        app="",
        created=0,
        seen=0,
        idle_deadline=0,
        deadline=0,
        platform="other",
        name="",
        ip="",
        current_sid="sid",
        region="",
        signing_key="",
    )


def test_the_tombstone_of_an_ended_session_says_why_and_when(
    owner: Owner, clock: SettableClock, slots: Slots
) -> None:
    now = int(clock() * 1000)
    first, second, third = owner.login(), owner.login(), owner.login()
    owner.end("one", first.sid)
    owner.store.end_all([owner.public_id])
    fourth = owner.login()
    owner.store.block(owner.public_id, "banned", 5)
    assert slots.tombstones(owner.public_id) == {
        first.sid: f"revoked {now}",
        second.sid: f"revoked {now}",
        third.sid: f"revoked {now}",
        fourth.sid: f"banned:5 {now}",
    }


class Race(Scripts):
    """Another login of the user is faster, each time."""

    rounds = 0

    def pipeline(self, calls: list[Call]) -> list[Reply]:
        """Report one session more than is declared."""
        self.rounds += 1
        return [["undeclared", [f"sid{self.rounds}"]] for _ in calls]


def test_a_user_whose_sessions_change_all_the_time_is_a_fault_and_no_answer(
    redis: Redis, clock: SettableClock
) -> None:
    race = Race(redis, SCRIPT_FOLDERS)
    with pytest.raises(RedisError, match="change faster"):
        user_slots.Slots(race, clock).call(user_slots.SlotCall("list", "user"))
    assert race.rounds == 128
