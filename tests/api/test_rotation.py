"""Rotation: what older keys sealed and indexed is sealed and indexed by the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.rings import keyring, rings
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from tests.harness.timing import eventually
from wxlogin.extensions import db
from wxlogin.keyring import resealing
from wxlogin.models import User
from wxlogin.models.sealed_columns import sealed_tables
from wxlogin.redisdb import keys
from wxlogin.services import Services

Make = Callable[..., Site]


@pytest.fixture
def old(make_site: Make) -> Site:
    """A host with the first keys, and something sealed of every kind."""
    site = make_site(**rings(1))
    for name in ("alice", "bob"):
        phone, world = Phone(site, name), site.sandbox.world
        phone.login()
        for path, data in (("phone", world.phone), ("profile", world.profile)):
            assert phone.ask("POST", f"/v1/decrypt/{path}", json=data(name)).ok
    owner = Operator(site, "owner", "olga").sign_in()
    owner.enrol()
    push = {"token": "apushtokenofours123", "aes_key": "k" * 43}
    site.secrets |= set(push.values())
    owner.done("PUT", f"/apps/{APPID}/push", json=push)
    return site


def under(site: Site) -> dict[str, set[str]]:
    """The ids of the keys that sealed each table's values, and that index the users."""
    with site.app.app_context():
        found = {
            table.name: {
                str(text).partition(".")[0]
                for row in db.session.execute(select(*table.columns))
                for text in row
                if text
            }
            for table in sealed_tables()
        }
        return found | {"index": set(db.session.scalars(select(User.index_key)))}


def test_every_table_is_sealed_and_indexed_anew(old: Site, make_site: Make) -> None:
    new = make_site(**rings(2, 1))
    commands = CommandLine(new, "keys")
    before = under(new)
    assert {"d1"} == before["app"] == before["admin"] == before["user"]
    assert commands.done("rotate").split(" rows")[0] == "5"  # app, admin, two users, audit key
    assert commands.done("reindex").split(" users")[0] == "2"
    after = under(new)
    sealed = {name: ids for name, ids in after.items() if name != "index" and before[name]}
    assert {frozenset(ids) for ids in sealed.values()} == {frozenset({"d2"})}
    assert after["index"] == {"i2"}
    with new.app.app_context():
        assert new.services.accounts.key_usage.count().lost == 0


def test_afterwards_the_old_keys_may_go_and_everything_is_read(old: Site, make_site: Make) -> None:
    commands = CommandLine(make_site(**rings(2, 1)), "keys")
    commands.done("rotate")
    commands.done("reindex")
    last = make_site(**rings(2))
    alice = Phone(last, "alice")
    assert alice.login()["user"]["is_new"] is False
    me = last.services.accounts.directory
    with last.app.app_context():
        user = me.get(alice.user_id)
        (found,) = me.find_by_phone(f"+86{(user.phone or {})['purePhoneNumber']}", 5)
    assert found.id == alice.user_id
    assert user.profile
    assert CommandLine(last, "audit").run("verify").exit_code == 0
    assert under(last)["admin"] == {"d2"}


def test_a_second_run_finds_nothing_to_do(old: Site, make_site: Make) -> None:
    commands = CommandLine(make_site(**rings(2, 1)), "keys")
    commands.done("rotate")
    assert commands.done("rotate").startswith("0 rows sealed anew")
    assert commands.done("reindex").startswith("2 users indexed anew")
    assert commands.done("reindex").startswith("0 users indexed anew")


def test_a_change_that_is_made_meanwhile_stays(
    old: Site, make_site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another host, whose newest key is still the old one, saves a phone number in between."""
    new = make_site(**rings(2, 1))
    write, phone = resealing._write, {"countryCode": "86", "purePhoneNumber": "13900000009"}
    (alice,) = [one for one in listed(new) if one["is_alice"]]

    def change_first(*args: Any) -> None:
        with old.app.app_context():
            old.services.accounts.users.save_phone(alice["id"], phone, told=True)
        monkeypatch.setattr(resealing, "_write", write)
        write(*args)

    monkeypatch.setattr(resealing, "_write", change_first)
    CommandLine(new, "keys").done("rotate")
    with new.app.app_context():
        assert new.services.accounts.directory.get(alice["id"]).phone == phone
    assert under(new)["user"] == {"d2"}


def listed(site: Site) -> list[dict[str, Any]]:
    """The users, and which of them is alice."""
    openid = site.sandbox.world.openid("alice")
    with site.app.app_context():
        found = site.services.accounts.directory.list_newest(10)
        return [{"id": one.id, "is_alice": one.openid == openid} for one in found]


def test_what_does_not_open_is_left_and_told(old: Site, make_site: Make) -> None:
    new = make_site(**rings(2, 1))
    with new.app.app_context():
        db.session.execute(update(User).where(User.id == 1).values(profile_sealed="d1.AAAA"))
        db.session.commit()
    told = CommandLine(new, "keys").refused("rotate")
    assert "1 row left as they are: what they hold does not open." in told
    assert under(new)["user"] == {"d1", "d2"}


def test_a_number_that_is_saved_under_an_older_index_is_reindexed(
    make_site: Make,
) -> None:
    """The row's key is the key of all its indexes, also of one that is written later."""
    site = make_site(**rings(1))
    phone = Phone(site)
    phone.login()
    later = make_site(**rings(1, index=(2, 1)))
    number = {"countryCode": "86", "purePhoneNumber": "13900000009"}
    with later.app.app_context():
        later.services.accounts.users.save_phone(phone.user_id, number, told=True)
    CommandLine(later, "keys").done("reindex")
    last = make_site(**rings(1, index=(2,)))
    with last.app.app_context():
        (found,) = last.services.accounts.directory.find_by_phone("+8613900000009", 5)
    assert found.id == phone.user_id


def test_the_console_rotates_with_progress(old: Site, make_site: Make) -> None:
    new = make_site(**rings(2, 1))
    owner = Operator(new, "owner").sign_in()
    answer = owner.ask("POST", "/keys/rotate")
    assert answer.status_code == 202
    assert answer.json()["rotation"]["state"] in ("running", "done")
    eventually(lambda: owner.done("GET", "/keys")["rotation"]["state"] == "done", 30)
    page = owner.done("GET", "/keys")
    assert page["rotation"] == {"kind": "index", "state": "done", "done": 2, "total": 2, "stuck": 0}
    rows = {item["id"]: (item["rows"], item["state"]) for item in page["items"]}
    assert (rows["data:d1"][0], rows["index:i1"][0]) == (0, 0)
    assert rows["index:i1"][1] == "unneeded"
    assert rows["data:d2"][1] == "in_use"
    assert [entry["act"] for entry in owner.trail("keys")] == ["keys.rotate"]


def test_a_rotation_whose_process_died_is_stopped_and_taken_over(
    old: Site, make_site: Make
) -> None:
    new = make_site(**rings(2, 1))
    rotation = keyring(new).rotation
    running = rotation.run(["data"])
    next(running)
    progress = rotation.progress()
    assert progress is not None
    assert progress.state == "running"
    assert "Another process is rotating keys" in CommandLine(new, "keys").refused("rotate")
    new.redis.set(keys.key_rotation_lock(), f"{host(new)}:999999999:dead", px=30_000)
    assert CommandLine(new, "keys").done("rotate").startswith("5 rows")
    running.close()
    new.redis.delete(keys.key_rotation_lock())


def host(site: Site) -> str:
    """The name of this machine, as the site notes it."""
    keyring(site).hosts.note()
    return keyring(site).hosts.all()[0].host


def test_older_keys_say_until_when_redis_needs_them(old: Site, make_site: Make) -> None:
    page = Operator(make_site(**rings(2, 1)), "owner").sign_in().done("GET", "/keys")
    until = {item["id"]: item["until"] for item in page["items"]}
    assert until["data:d2"] is until["index:i1"] is None
    assert until["data:d1"] < next(text for name, text in until.items() if text and "sign" in name)


# A key that somebody else has


def test_sessions_that_a_compromised_signing_key_signed_end(make_site: Make) -> None:
    old = make_site(**rings(1))
    before = Phone(old, "alice")
    before.login()
    new = make_site(**rings(1, signing=(2, 1)))
    after, owner = Phone(new, "bob"), Operator(old, "owner").sign_in()
    after.login()
    key_id = keyring(new).hosts.rings["signing"][1]
    told = CommandLine(new, "keys").done("rotate", "--compromised", key_id)
    assert told.startswith(f"1 session ended that signing:{key_id} signed or sealed.")
    assert "Take the key out of WXLOGIN_SECRET_KEYS now." in told
    assert before.refusal() == "SESSION_REVOKED"
    assert after.refusal() == ""
    assert owner.refusal("GET", "/keys") == "SESSION_EXPIRED"


def test_session_keys_and_access_tokens_that_a_compromised_data_key_sealed_end(
    make_site: Make,
) -> None:
    old = make_site(**rings(1))
    before = Phone(old, "alice")
    before.login()
    new = make_site(**rings(1, data=(2, 1)))
    after = Phone(new, "bob")
    after.login()
    services: Services = new.app.extensions["wxlogin"]
    told = CommandLine(new, "keys").done("rotate", "--compromised", "d1")
    assert told.startswith("1 session ended that data:d1 signed or sealed.")
    assert "the AppSecrets and push keys of 1 mini-program" in told
    assert (before.refusal(), after.refusal()) == ("SESSION_REVOKED", "")
    assert services.sessions.keys.get(before.user_id) is None
    assert UserRow(new, before.user_id).column("void_before")
    assert new.sandbox.world.calls["/cgi-bin/stable_token"] == 1
    assert under(new)["user"] == {"d2"}


@pytest.mark.parametrize(
    ("name", "told"),
    [("d2", "is the newest key; put another one first in WXLOGIN_DATA_KEYS before"), ("d7", "d1")],
)
def test_a_key_that_cannot_be_ended_is_told(make_site: Make, name: str, told: str) -> None:
    new = make_site(**rings(1, data=(2, 1)))
    assert told in CommandLine(new, "keys").refused("rotate", "--compromised", name)


def count(site: Site) -> int:
    """How many users there are."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(User)) or 0
