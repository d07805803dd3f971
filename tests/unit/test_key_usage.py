"""Keys by name, and how many rows need each."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import recorded
from wxlogin.accounts.key_usage import MAX_AGE_SECONDS, KeyReport, KeyUsage
from wxlogin.extensions import db
from wxlogin.models import App, User
from wxlogin.settings.values import DataKey
from wxlogin.vault.derivation import fingerprint

OLD = DataKey("old", b"\x01" * 32)


def worker(site: Site, older: tuple[DataKey, ...] = (OLD,)) -> KeyUsage:
    """What one worker of a server with further keys counts by."""
    settings = site.settings
    return KeyUsage(
        db.session,
        site.app.extensions["wxlogin"].redis,
        site.clock,
        settings.secret_keys,
        settings.data_keys + older,
        settings.index_keys + older,
    )


def count(site: Site) -> KeyReport:
    """A fresh count."""
    with site.app.app_context():
        return worker(site).count()


def rows(use: KeyReport) -> dict[tuple[str, str | None], int | None]:
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
    use = count(site)
    assert rows(use) == {
        ("data", data): 3 + 1 + 1,  # the users, the app, the audit trail's key
        ("data", "old"): 0,
        ("index", index): 3,
        ("index", "old"): 0,
        ("signing", None): None,
    }
    assert use.lost == 0


def test_a_row_with_parts_of_two_keys_needs_both(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "phone_sealed", "old")
    counted = rows(count(site))
    assert counted["data", site.settings.data_keys[0].id] == 5
    assert counted["data", "old"] == 1


def test_a_key_whose_name_begins_alike_is_another(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "openid_sealed", "older")
    assert rows(count(site))["data", "old"] == 0


def test_rows_of_a_key_that_is_not_held_are_lost(site: Site, three_users: list[Phone]) -> None:
    reseal(site, "profile_sealed", "gone")
    with site.app.app_context():
        db.session.execute(update(User).where(User.id == 2).values(index_key="gone"))
        db.session.execute(update(App).values(push_token_sealed="gone.AAAA"))
        db.session.commit()
    assert count(site).lost == 3


def test_the_newest_of_each_kind_comes_first(site: Site) -> None:
    marked = [(line.kind, line.newest) for line in count(site).keys]
    assert marked == [
        ("data", True),
        ("data", False),
        ("index", True),
        ("index", False),
        ("signing", True),
    ]


def test_nothing_of_a_key_is_told(site: Site) -> None:
    told = repr(count(site))
    assert OLD.key.hex()[:8] not in told
    assert repr(OLD.key)[2:10] not in told
    assert site.settings.secret_keys[0][:8] not in told
    assert fingerprint(OLD.key) in told
    assert fingerprint(OLD.key) != fingerprint(b"\x02" * 32)


def test_workers_with_the_same_keys_share_a_count(site: Site, three_users: list[Phone]) -> None:
    with site.app.app_context():
        first = worker(site).get()
        Phone(site, "dave").login()
        assert worker(site).get() == first
        assert worker(site, older=()).get() != first
    assert rows(first)["index", site.settings.index_keys[0].id] == 3


def test_a_shared_count_is_ten_minutes_old_at_most(site: Site, three_users: list[Phone]) -> None:
    index = site.settings.index_keys[0].id
    with site.app.app_context():
        worker(site).get()
        Phone(site, "dave").login()
        site.clock.forward(MAX_AGE_SECONDS - 1)
        assert rows(worker(site).get())["index", index] == 3
        site.clock.forward(1)
        assert rows(worker(site).get())["index", index] == 4


def test_a_shared_count_that_cannot_be_read_is_counted_again(
    site: Site, three_users: list[Phone]
) -> None:
    redis = site.app.extensions["wxlogin"].redis
    with site.app.app_context():
        first = worker(site).get()
        (key,) = redis.scan_iter("wxl:1:key-usage:*", count=10_000)
        redis.set(key, '{"version": 2}', ex=60)
        assert worker(site).get() == first


def test_a_shared_count_needs_no_sql(site: Site, three_users: list[Phone]) -> None:
    with site.app.app_context():
        worker(site).get()
        with recorded(site) as statements:
            worker(site).get()
    assert statements == []
