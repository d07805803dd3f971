"""What the doctor finds of the keys of several hosts, and of users who are there twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.patient import of_site
from tests.harness.phone import Phone
from tests.harness.rings import keyring, rings
from tests.harness.site import Site
from tests.harness.trail import Trail
from wxlogin.doctor.installation import opened
from wxlogin.doctor.ring_check import fleet

Make = Callable[..., Site]
DEAD = {
    "redis_url": "redis://127.0.0.1:9/0",
    "database_url": "postgresql+psycopg://wxlogin@127.0.0.1:9/wxlogin",
}


@pytest.mark.parametrize(
    ("here", "there", "code"),
    [
        ((1,), (1,), "ok"),
        ((1,), (1, 2), "keys.host_lags"),
        ((2, 1), (1, 2), "keys.host_lags"),
        ((1,), (2, 1), "keys.host_lacks"),
        ((1,), (2,), "keys.host_lacks"),
    ],
)
def test_hosts_with_other_keys_are_named(
    make_site: Make, here: tuple[int, ...], there: tuple[int, ...], code: str
) -> None:
    site, other = make_site(**rings(1, signing=here)), make_site(**rings(1, signing=there))
    keyring(other).hosts.note()
    found = of_site("hosts", site)
    assert list(found) == [code]
    if code != "ok":
        said = found[code].say("en").what
        assert "WXLOGIN_SECRET_KEYS" in said
        assert not any(key in said for key in site.settings.secret_keys)


def test_the_workers_that_run_count_for_the_connections(make_site: Make) -> None:
    sites = [make_site(**rings(1)) for _ in range(3)]
    settings, clock = sites[0].settings, sites[0].clock
    with opened(settings, clock, hosts=2, workers=1) as installation:
        assert fleet(installation) == (2, 1)
        for site in sites:
            keyring(site).hosts.note()
        assert fleet(installation) == (2, 3)


def test_hosts_that_cannot_be_read_are_unknown(site: Site) -> None:
    found = of_site("hosts", site, **DEAD)
    assert [(code, one.level) for code, one in found.items()] == [("keys.hosts_unread", "unknown")]


def test_a_person_who_is_there_twice_is_named(site: Site) -> None:
    phone, trail = Phone(site), Trail(site)
    phone.login()
    Phone(site, "bob").login()
    found = of_site("doubles", site)
    assert found["keys.no_double_users"].say("en").what.startswith("None of the newest 2 users")
    first = phone.user_id
    trail.spoil(f"UPDATE \"user\" SET openid_index = 'lost' WHERE public_id = '{first}'")
    trail.spoil("DELETE FROM user_openid_index")
    phone.login()
    assert phone.user_id != first
    found = of_site("doubles", site)
    assert list(found) == ["keys.double_users"]
    assert found["keys.double_users"].say("en").do == (
        f"Run `flask --app wsgi users merge {first} {phone.user_id}`."
    )


def test_users_who_cannot_be_read_are_unknown(site: Site) -> None:
    found = of_site("doubles", site, **DEAD)
    assert [(code, one.level) for code, one in found.items()] == [("keys.users_unread", "unknown")]
