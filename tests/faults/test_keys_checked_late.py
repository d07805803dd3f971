"""A host with a wrong key whose database was out at the start: it is stopped once that answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from tests.harness.phone import Phone
from tests.harness.readiness import becomes
from tests.harness.rings import DATA, INDEX, give_up, rings
from tests.harness.site import Site
from tests.harness.timing import eventually
from wxlogin.extensions import db
from wxlogin.keyring import late_check
from wxlogin.models import KnownKey, User

Make = Callable[..., Site]
OTHER = {
    "WXLOGIN_DATA_KEYS": "d1:" + DATA[1].partition(":")[2],
    "WXLOGIN_INDEX_KEYS": "i1:" + INDEX[1].partition(":")[2],
}


@contextmanager
def database_out(site: Site) -> Iterator[None]:
    """The database of a site is away; what has it open goes on.

    What stands in its place leads nowhere: SQLite would make an empty database. It takes the place
    in one step, since the site's own tasks open the database at any moment.
    """
    file, away, nowhere = (site.directory / name for name in ("wxlogin.sqlite3", "away", "nowhere"))
    away.hardlink_to(file)
    nowhere.symlink_to("no folder/of this name")
    nowhere.replace(file)
    with site.app.app_context():
        db.engine.dispose()
    try:
        yield
    finally:
        away.replace(file)


@pytest.fixture
def first(make_site: Make) -> Site:
    """A host with the right keys, and a user who logged in there."""
    site = make_site(**rings(1))
    Phone(site).login()
    return site


def rows(site: Site) -> tuple[int, ...]:
    """How many users and known keys there are."""
    with site.app.app_context():
        counts = [select(func.count()).select_from(table) for table in (User, KnownKey)]
        return tuple(db.session.scalar(count) or 0 for count in counts)


@pytest.mark.parametrize("name", OTHER)
def test_a_wrong_key_closes_the_database_once_it_answers(
    first: Site, make_site: Make, name: str
) -> None:
    with database_out(first):
        second = make_site(**{**rings(1), name: OTHER[name]})
        assert second.problem(Phone(second).try_login()) == "STORE_UNAVAILABLE"
        becomes(second, "degraded", database="out", migrations="unknown")
    before = rows(first)
    for user in ("alice", "bob"):
        assert second.problem(Phone(second, user).try_login()) == "STORE_UNAVAILABLE"
    becomes(second, "out", migrations="unknown", keys="refused")
    assert rows(first) == before
    said = [line for line in second.log.lines if "not used with these keys" in line]
    assert len(said) == 1
    assert f"{name}: the key {OTHER[name][:2]} is not the one" in said[0]
    assert OTHER[name][3:] not in "".join(second.log.lines)


def test_signed_in_users_need_no_database_and_go_on(first: Site, make_site: Make) -> None:
    phone = Phone(first)
    phone.login()
    with database_out(first):
        second = make_site(**{**rings(1), **OTHER})
    becomes(second, "out", migrations="unknown", keys="refused")
    phone.site = second
    assert phone.refusal() == ""


def test_the_right_keys_are_used_once_the_database_answers(first: Site, make_site: Make) -> None:
    with database_out(first):
        second = make_site(**rings(1))
        assert second.problem(Phone(second).try_login()) == "STORE_UNAVAILABLE"
    assert Phone(second).login()["user"]["is_new"] is False
    becomes(second, "ok")


def test_a_new_key_is_known_once_the_database_answers(first: Site, make_site: Make) -> None:
    with database_out(first):
        second = make_site(**rings(1, 2))
    Phone(second).login()
    with first.app.app_context():
        known = set(db.session.scalars(select(KnownKey.key_id)))
    assert {"d1", "d2", "i1", "i2"} < known


def test_a_lost_key_that_is_given_up_opens_the_database(
    first: Site, make_site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_check, "AGAIN_SECONDS", 0.0)
    with database_out(first):
        second = make_site(**rings(2, index=(1,), signing=(1,)))
    becomes(second, "out", migrations="unknown", keys="refused")
    give_up(first, "data", "d1")
    becomes(second, "ok")


def test_a_database_that_is_not_migrated_is_named_so(make_site: Make) -> None:
    site = make_site(**rings(1))
    with database_out(site):
        second = make_site(**rings(1))
        (site.directory / "wxlogin.sqlite3").unlink()
        becomes(second, "out", migrations="pending")
        eventually(lambda: "db upgrade" in "".join(second.log.lines))
