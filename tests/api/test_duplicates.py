"""Two users of one person, as a wrong index key made them: found, and joined."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.rings import rings
from tests.harness.site import Site
from wxlogin.accounts.duplicates import Pair, find_duplicates
from wxlogin.extensions import db
from wxlogin.models import AuditEntry, ErasedUser, LoginRecord, User, UserOpenidIndex
from wxlogin.vault import BlindIndex, Vault

Make = Callable[..., Site]


@pytest.fixture
def site(make_site: Make) -> Site:
    """A host with two index keys."""
    return make_site(**rings(1, index=(2, 1)))


@pytest.fixture
def pair(site: Site) -> tuple[Phone, Phone]:
    """Alice, who came once more after her index was lost; her phone number is the older user's."""
    old, new = Phone(site, "alice"), Phone(site, "alice")
    old.login()
    assert old.ask("POST", "/v1/decrypt/phone", json=site.sandbox.world.phone("alice")).ok
    lost = BlindIndex(site.settings.index_keys).digests("nobody", "openid:")[0].digest
    with site.app.app_context():
        db.session.execute(update(User).values(openid_index=lost))
        db.session.execute(delete(UserOpenidIndex))
        db.session.commit()
    new.login()
    assert old.user_id != new.user_id
    return old, new


def duplicates(site: Site) -> list[Pair]:
    """The pairs that are found."""
    vault, index = Vault(site.settings.data_keys), BlindIndex(site.settings.index_keys)
    with site.app.app_context():
        return [pair for look in find_duplicates(db.engine, vault, index) for pair in look.pairs]


def test_such_a_pair_is_found(site: Site, pair: tuple[Phone, Phone]) -> None:
    Phone(site, "bob").login()
    assert duplicates(site) == [Pair(pair[0].user_id, pair[1].user_id)]


def test_the_two_become_one(site: Site, pair: tuple[Phone, Phone]) -> None:
    old, new = pair
    told = CommandLine(site, "users").done("merge", new.user_id, old.user_id)
    assert told == f"{old.user_id} is joined into {new.user_id}; 1 session ended.\n"
    assert (old.refusal(), new.refusal()) == ("SESSION_REVOKED", "")
    assert duplicates(site) == []
    assert Phone(site, "alice").login()["user"] == {"id": new.user_id, "is_new": False}
    directory = site.services.accounts.directory
    with site.app.app_context():
        user = directory.get(new.user_id)
        number = (user.phone or {})["purePhoneNumber"]
        assert [one.id for one in directory.find_by_phone(number, 5)] == [new.user_id]
        records = db.session.scalars(select(LoginRecord.user_id)).all()
        assert len(records) == 3
        assert set(records) == {user.row_id}
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.act, entry.target) == ("users.merge", f"user:{new.user_id}")
    assert json.loads(entry.detail) == {"drop": old.user_id, "ended": 1}


def test_the_external_id_goes_along(site: Site, pair: tuple[Phone, Phone]) -> None:
    old, new = pair
    with site.app.app_context():
        site.services.accounts.external_ids.link(old.user_id, "u-1001")
    before = new.ask("GET", "/v1/auth").headers
    CommandLine(site, "users").done("merge", new.user_id, old.user_id)
    after = new.ask("GET", "/v1/auth").headers
    assert "X-Wxlogin-External-Id" not in before
    assert after["X-Wxlogin-External-Id"] == "u-1001"
    assert after["X-Wxlogin-Person"] == before["X-Wxlogin-Person"]


def test_a_ban_of_either_holds(site: Site, pair: tuple[Phone, Phone]) -> None:
    old, new = pair
    with site.app.app_context():
        banned = update(User).where(User.public_id == old.user_id)
        db.session.execute(banned.values(ban_reason="sells accounts"))
        db.session.commit()
    assert new.refusal() == ""
    CommandLine(site, "users").done("merge", new.user_id, old.user_id)
    assert new.refusal() == "USER_BANNED"
    assert site.problem(Phone(site, "alice").try_login()) == "USER_BANNED"


def test_a_joined_user_stays_away_in_a_copy_of_redis(site: Site, pair: tuple[Phone, Phone]) -> None:
    old, new = pair
    CommandLine(site, "users").done("merge", new.user_id, old.user_id)
    with site.app.app_context():
        assert db.session.scalars(select(ErasedUser.public_id)).all() == [old.user_id]


def test_two_people_are_not_joined(site: Site) -> None:
    alice, bob = Phone(site, "alice"), Phone(site, "bob")
    alice.login()
    bob.login()
    told = CommandLine(site, "users").refused("merge", alice.user_id, bob.user_id)
    assert "are not one person's" in told
    assert "no user of this id" in CommandLine(site, "users").refused("merge", "x", bob.user_id)
    assert (alice.refusal(), bob.refusal()) == ("", "")


@pytest.mark.parametrize(
    "words", [("users", "merge", "-keep", "-2drop"), ("webhooks", "test", "-id")]
)
def test_an_id_that_begins_with_a_hyphen_is_no_option(site: Site, words: tuple[str, ...]) -> None:
    said = CommandLine(site, words[0]).refused(*words[1:])
    assert "No such option" not in said
