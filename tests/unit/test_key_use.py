"""Keys by name, and how many rows need each."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from config_values import DataKey
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.accounts.key_use import KeyCensus, KeyUse, fingerprint
from wxlogin.extensions import db
from wxlogin.models import App, User

OLD = DataKey("old", b"\x01" * 32)


def census(site: Site, *, older: tuple[DataKey, ...] = (OLD,)) -> KeyUse:
    """The count, as a server with further keys takes it."""
    settings = site.settings
    keys = KeyCensus(settings.secret_keys, settings.data_keys + older, settings.index_keys + older)
    with site.app.app_context():
        return keys.take()


def rows(use: KeyUse) -> dict[tuple[str, str | None], int | None]:
    """The counts by kind and id."""
    return {(line.kind, line.id): line.rows for line in use.keys}


@pytest.fixture
def three_users(site: Site) -> list[Phone]:
    """Three users of one app."""
    phones = [Phone(site, name) for name in ("alice", "bob", "carol")]
    for phone in phones:
        phone.login()
    return phones


def reseal(site: Site, column: str, start: str) -> None:
    """Put another key's id before what is sealed of one user."""
    with site.app.app_context():
        user = db.session.query(User).first()
        sealed = getattr(user, column) or ".AAAA"
        text = f"{start}.{sealed.partition('.')[2]}"
        db.session.execute(update(User).where(User.id == user.id).values(**{column: text}))
        db.session.commit()


def test_rows_are_counted_by_key(site: Site, three_users: list[Phone]) -> None:
    data, index = site.settings.data_keys[0].id, site.settings.index_keys[0].id
    use = census(site)
    assert rows(use) == {
        ("data", data): 3 + 1,  # the users and the app
        ("data", "old"): 0,
        ("index", index): 3,
        ("index", "old"): 0,
        ("signing", None): None,
    }
    assert use.lost == 0


def test_a_row_with_parts_of_two_keys_needs_both(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "phone_sealed", "old")
    counted = rows(census(site))
    assert counted["data", site.settings.data_keys[0].id] == 4
    assert counted["data", "old"] == 1


def test_a_key_whose_name_begins_alike_is_another(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "openid_sealed", "older")
    assert rows(census(site))["data", "old"] == 0


def test_rows_of_a_key_that_is_not_held_are_lost(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "profile_sealed", "gone")
    with site.app.app_context():
        db.session.execute(update(User).where(User.id == 2).values(index_key="gone"))
        db.session.execute(update(App).values(push_token_sealed="gone.AAAA"))
        db.session.commit()
    assert census(site).lost == 3


def test_the_newest_of_each_kind_comes_first(site: Site) -> None:
    marked = [(line.kind, line.newest) for line in census(site).keys]
    assert marked == [
        ("data", True),
        ("data", False),
        ("index", True),
        ("index", False),
        ("signing", True),
    ]


def test_nothing_of_a_key_is_told(site: Site) -> None:
    told = repr(census(site))
    assert OLD.key.hex()[:8] not in told
    assert repr(OLD.key)[2:10] not in told
    assert site.settings.secret_keys[0][:8] not in told
    assert fingerprint(OLD.key) in told
    assert fingerprint(OLD.key) != fingerprint(b"\x02" * 32)
