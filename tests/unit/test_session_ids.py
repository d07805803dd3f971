"""Live sessions follow the ids of their user: the newest change wins, and nobody is signed out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.harness.clock import SettableClock
from tests.harness.owner import DRAFT, Owner
from tests.unit.slots import Slots
from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions import SessionStore, TokenRef
from wxlogin.sessions.ids import NO_IDS, Ids, IdsWriter
from wxlogin.sessions.records import decode, encode

P1, P2 = "p" * 22, "q" * 22


@pytest.fixture
def writer(scripts: Scripts, clock: SettableClock) -> IdsWriter:
    """What writes ids into live sessions."""
    return IdsWriter(scripts, clock)


def login(owner: Owner, ids: Ids, ref: TokenRef | None = None) -> TokenRef:
    """Make a session of a user whom SQL knew by these ids."""
    ref = ref or owner.token()
    owner.store.create(ref, replace(DRAFT, ids=ids), None)
    return ref


def ids(owner: Owner, ref: TokenRef) -> tuple[str, str]:
    """What the session says of its user."""
    found = owner.store.get(ref).session.ids
    return found.person, found.external_id


def test_a_session_has_the_ids_of_its_login(store: SessionStore) -> None:
    owner = Owner(store)
    assert ids(owner, login(owner, Ids(P1, "u-1"))) == (P1, "u-1")


def test_all_sessions_of_the_user_follow_a_change(store: SessionStore, writer: IdsWriter) -> None:
    owner, other = Owner(store), Owner(store)
    mine = [login(owner, Ids(P1)) for _ in range(3)]
    theirs = login(other, Ids(P1))
    writer.write({owner.public_id: Ids(P2, "u-1", 1)})
    assert {ids(owner, ref) for ref in mine} == {(P2, "u-1")}
    assert ids(other, theirs) == (P1, "")


def test_a_replaced_session_follows_in_its_grace(store: SessionStore, writer: IdsWriter) -> None:
    owner = Owner(store)
    before = owner.login(device="d")
    after = owner.login(device="d")
    writer.write({owner.public_id: Ids(P2, "u-1", 1)})
    assert ids(owner, before) == ids(owner, after) == (P2, "u-1")


def test_the_newer_change_wins_whichever_comes_first(
    store: SessionStore, writer: IdsWriter
) -> None:
    owner = Owner(store)
    ref = login(owner, Ids(P1))
    writer.write({owner.public_id: Ids(P2, "new", 2)})
    writer.write({owner.public_id: Ids(P1, "old", 1)})
    assert ids(owner, ref) == (P2, "new")


def test_a_login_that_had_read_the_ids_before_finds_the_change(
    store: SessionStore, writer: IdsWriter
) -> None:
    owner = Owner(store)
    writer.write({owner.public_id: Ids(P2, "u-1", 2)})
    assert ids(owner, login(owner, Ids(P1, "", 1))) == (P2, "u-1")
    assert ids(owner, login(owner, Ids(P1, "u-3", 3))) == (P1, "u-3")


def test_an_id_that_was_taken_away_is_gone(store: SessionStore, writer: IdsWriter) -> None:
    owner = Owner(store)
    ref = login(owner, Ids(P1, "u-1", 1))
    writer.write({owner.public_id: Ids(P1, "", 2)})
    assert ids(owner, ref) == (P1, "")
    assert ids(owner, login(owner, Ids(P1, "u-1", 1))) == (P1, "")


def test_a_change_brings_no_ended_session_back(
    store: SessionStore, writer: IdsWriter, slots: Slots
) -> None:
    owner = Owner(store)
    ref = login(owner, Ids(P1))
    owner.end("one", ref.sid)
    writer.write({owner.public_id: Ids(P2, "u-1", 1)})
    assert owner.refusal(ref) == "SESSION_REVOKED"
    assert slots.records(owner.public_id) == set()
    assert slots.immortal(owner.public_id) == set()


def test_nothing_is_left_of_the_ids_of_an_erased_user(
    store: SessionStore, writer: IdsWriter, slots: Slots
) -> None:
    owner = Owner(store)
    login(owner, Ids(P1))
    writer.write({owner.public_id: Ids(P2, "u-1", 1)})
    store.block(owner.public_id, "erased")
    assert set(slots.redis.hgetall(keys.mark(owner.public_id))) == {"erased"}


def test_a_change_prolongs_no_session(store: SessionStore, writer: IdsWriter, slots: Slots) -> None:
    owner = Owner(store)
    ref = login(owner, Ids(P1))
    key = keys.session(owner.public_id, ref.sid)
    before = slots.seconds_left(key)
    writer.write({owner.public_id: Ids(P2, "u-1", 1)})
    assert slots.seconds_left(key) == before


# Two versions at once


def test_a_record_of_the_version_before_lives_and_is_asked_for(
    store: SessionStore, scripts: Scripts, slots: Slots
) -> None:
    asked: list[str] = []
    store._on_no_person = asked.append
    owner = Owner(store)
    ref = login(owner, Ids(P1, "u-1", 3))
    slots.redis.hdel(keys.session(owner.public_id, ref.sid), "person", "external_id", "ids_version")
    assert ids(owner, ref) == ("", "")
    assert asked == [owner.public_id]


def test_the_version_before_reads_a_record_with_ids(store: SessionStore, slots: Slots) -> None:
    """It takes the fields that it knows from a record of version 1."""
    owner = Owner(store)
    ref = login(owner, Ids(P1, "u-1", 3))
    record = slots.redis.hgetall(keys.session(owner.public_id, ref.sid))
    assert record["v"] == "1"
    fields = [part for pair in record.items() for part in pair]
    session = decode(owner.public_id, ref.sid, fields)
    assert session is not None
    older = dict(zip(*[iter(encode(session._replace(ids=NO_IDS), ""))] * 2, strict=True))
    assert older.items() <= record.items()
