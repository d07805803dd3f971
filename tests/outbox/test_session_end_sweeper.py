"""Ends of sessions that a worker left unwritten: another writes and tells each of them, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from tests.admin.stories import ends, story
from tests.harness.console import Operator
from tests.harness.crowd import together
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import rename
from tests.harness.team import Team, dispatch
from tests.harness.timing import eventually
from wxlogin.extensions import db
from wxlogin.models import SessionEnd, WebhookEvent
from wxlogin.outbox import EventType
from wxlogin.redisdb import keys
from wxlogin.redisdb.batching import Command
from wxlogin.redisdb.pool import Pool
from wxlogin.redisdb.replies import Result
from wxlogin.redisdb.slot_tags import slot_of, slot_tags
from wxlogin.sessions import end_notes
from wxlogin.sessions.causes import Cause
from wxlogin.watch.session_end_sweeper import NOTES_A_SWEEP

LATER = 11
"""Seconds after which a note is no more in the hands of the worker that made it."""


@pytest.fixture
def dying(make_site: Callable[..., Site]) -> Site:
    """A worker that dies whenever Redis has ended a session."""
    site = make_site(WXLOGIN_MAX_DEVICES="2")
    store = site.services.sessions.store
    store.on_ended = store.on_signed_out = end_notes.ignore
    return site


@pytest.fixture
def site(dying: Site, make_site: Callable[..., Site]) -> Site:
    """Another worker."""
    return make_site(WXLOGIN_REDIS_URL=dying.settings.redis_url)


def notes(site: Site, user: str) -> list[str]:
    """What is noted in the slot of a user."""
    return list(map(str, site.redis.zrange(keys.ended(user), 0, -1)))


def counted(site: Site) -> tuple[int, int]:
    """How many ends are written, and how many events."""
    with site.app.app_context():
        return (
            db.session.scalar(select(func.count()).select_from(SessionEnd)) or 0,
            db.session.scalar(select(func.count()).select_from(WebhookEvent)) or 0,
        )


def test_every_end_that_a_worker_left_is_written_and_sign_outs_are_told(
    dying: Site, site: Site, team: Team
) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT)
    owner = Operator(dying, "owner").sign_in()
    phones = {
        why: Phone(dying, why)
        for why in ("signed_out", "kicked", "replaced", "evicted", "banned", "app_disabled")
    }
    first = {why: phone.login()["session"]["id"] for why, phone in phones.items()}
    dying.clock.forward(1)
    phones["signed_out"].logout()
    owner.done("POST", f"/users/{phones['kicked'].user_id}/kick")
    phones["replaced"].login(carry=True)
    for _ in range(2):
        dying.clock.forward(1)
        phones["evicted"].login()
    owner.done("POST", f"/users/{phones['banned'].user_id}/ban", json={"reason": "spam 垃圾"})
    owner.done("POST", f"/apps/{APPID}/disable")
    assert counted(site) == (0, 0)
    site.clock.forward(LATER)
    site.services.watch.recorder.end_sweeper.write_all()
    assert counted(site) == (9, 6)
    for why, phone in phones.items():
        assert notes(site, phone.user_id) == []
        found = {end[0]: end for end in ends(owner, phone.user_id)}
        assert found[first[why]][1] == why
    by_ban = ends(owner, phones["banned"].user_id)[0]
    assert by_ban[3] == "spam 垃圾"
    dispatch(site)
    told = [one.event["data"]["session"] for one in team.accepted()]
    with site.app.app_context():
        rows = db.session.execute(select(SessionEnd.session_id, SessionEnd.why)).all()
    expected = {sid for sid, why in rows if why in ("signed_out", "kicked", "app_disabled")}
    assert sorted(told) == sorted(expected)
    assert {first["signed_out"], first["kicked"], first["app_disabled"]} <= expected


def test_what_several_write_at_once_is_told_once(dying: Site, site: Site, team: Team) -> None:
    team.subscribe(site, EventType.USER_LOGGED_OUT)
    phone = Phone(dying)
    phone.login()
    phone.logout()
    site.clock.forward(LATER)
    left = dying.services.watch.recorder.end_sweeper, site.services.watch.recorder.end_sweeper
    user = phone.user_id
    together([lambda one=one: one.write_of(user) for one in left * 3])
    site.services.watch.recorder.end_sweeper.write_all()
    assert counted(site) == (1, 1)
    dispatch(site)
    eventually(lambda: team.got)  # or the worker that the event has woken delivers it just now
    assert [one.id for one in team.got] == [f"msg_{phone.session_id}"]


def test_a_young_note_is_left_to_its_worker(dying: Site, site: Site) -> None:
    phone = Phone(dying)
    phone.login()
    phone.logout()
    site.services.watch.recorder.end_sweeper.write_all()
    assert counted(site) == (0, 0)
    assert len(notes(site, phone.user_id)) == 1


def test_a_story_shows_an_end_that_another_worker_has_in_hand(dying: Site, site: Site) -> None:
    owner = Operator(site, "owner").sign_in()
    phone = Phone(dying)
    phone.login()
    phone.logout()
    expected = (phone.session_id, "signed_out", phone.session_id, None)
    assert ends(owner, phone.user_id) == [expected]
    phone.login()
    phone.logout()
    (item,) = owner.done("POST", "/find", json={"q": phone.session_id})["items"]
    assert item["why"] == "signed_out"
    assert len(story(owner, phone.user_id)) == 4


def test_a_worker_that_lives_leaves_no_note(make_site: Callable[..., Site]) -> None:
    site = make_site(WXLOGIN_SINGLE_DEVICE_LOGIN="all")
    phone = Phone(site)
    for _ in range(2):
        phone.login()
    phone.logout()
    site.services.watch.recorder.flush()
    assert counted(site)[0] == 2
    assert notes(site, phone.user_id) == []


def leave(site: Site, notes_of: dict[str, int]) -> None:
    """Leave so many notes beside the keys of each name; nobody has an account of that name."""
    for name, many in notes_of.items():
        note = end_notes.Ending(name, Cause("kicked", "admin:x")).note
        site.redis.zadd(keys.ended(name), {f"{name}{n} {note}": n for n in range(many)})
        site.redis.pexpire(keys.ended(name), 60_000)


@contextmanager
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int, bool]]]:
    """The reads of notes: of how many slots, how many of each at most, and whether shared."""
    found: list[tuple[int, int, bool]] = []
    exchange = Pool.exchange

    def note(self: Pool, commands: list[Command], *, repeatable: bool) -> list[Result]:
        if commands[0][0] == "ZRANGEBYSCORE":
            found.append((len(commands), int(commands[0][-1]), repeatable))
        return exchange(self, commands, repeatable=repeatable)

    with monkeypatch.context() as patch:
        patch.setattr(Pool, "exchange", note)
        yield found


def test_a_sweep_reads_few_notes_at_once_and_keeps_no_request_waiting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowded = slot_tags()[100:104]
    leave(site, dict.fromkeys(crowded, 900))
    left = site.services.watch.recorder.end_sweeper
    totals = []
    with reads(monkeypatch) as read:
        for _ in range(2):
            left._next = 64
            left.sweep()
            totals.append(sum(len(notes(site, name)) for name in crowded))
    assert totals == [3600 - NOTES_A_SWEEP, 0]
    assert all(slots <= 64 and most <= 50 and not shared for slots, most, shared in read)


def test_while_the_database_fails_a_sweep_asks_for_one_note(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(site, {"nobody": 300})
    left = site.services.watch.recorder.end_sweeper
    left._next = slot_of("nobody")
    rename(site, "session_end", "gone")
    left.sweep()
    assert site.services.watch.recorder.end_writer.database_failed
    left._next = slot_of("nobody")
    with reads(monkeypatch) as read:
        left.sweep()
    assert read == [(64, 1, False)]
    rename(site, "gone", "session_end")
    left._next = slot_of("nobody")
    left.sweep()
    assert len(notes(site, "nobody")) == 299
    left._next = slot_of("nobody")
    left.sweep()
    assert notes(site, "nobody") == []


def test_an_erased_user_leaves_no_note(dying: Site, site: Site) -> None:
    owner = Operator(dying, "owner").sign_in()
    phone, other = Phone(dying), Phone(dying)
    phone.login()
    other.login()
    phone.logout()
    assert len(notes(site, phone.user_id)) == 1
    owner.done("DELETE", f"/users/{phone.user_id}")
    assert notes(site, phone.user_id) == []
    assert other.refusal() == "SESSION_REVOKED"


def test_the_notes_of_a_slot_are_bounded_and_the_newest_stay(dying: Site, site: Site) -> None:
    phone = Phone(dying)
    phone.login()
    site.redis.zadd(keys.ended(phone.user_id), {f"{n} []": n for n in range(1000)})
    site.redis.pexpire(keys.ended(phone.user_id), 60_000)
    phone.logout()
    found = notes(site, phone.user_id)
    assert len(found) == 1000
    assert found[0] == "1 []"
    assert found[-1].startswith(phone.session_id)


def test_a_reason_in_any_script_comes_back_as_it_was() -> None:
    cause = Cause("banned", "admin:name with space", 'he said "no" \\ 垃圾 📱')
    ending = end_notes.Ending("user", cause, "request")
    found = end_notes._parse([f"sid {ending.note}", "1764460000000", "sid {}", "1"])
    assert found == [end_notes.EndedSession("sid", 1_764_460_000_000, ending)]
