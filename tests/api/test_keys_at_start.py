"""Keys are known by more than their ids: what is wrong with one stops the start."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

import config
from tests.harness import flask_process
from tests.harness.phone import Phone
from tests.harness.rings import DATA, INDEX, of_command, rings
from tests.harness.site import Site
from wxlogin.extensions import db
from wxlogin.models import KnownKey

Make = Callable[..., Site]


def faults(make_site: Make, **settings: str) -> list[str]:
    """What stops a start with these settings."""
    with pytest.raises(config.ConfigError) as refused:
        make_site(**settings)
    return refused.value.faults


@pytest.mark.parametrize(
    ("name", "ring", "key_id", "needed"),
    [
        ("WXLOGIN_DATA_KEYS", DATA, "d1", "3 rows need"),
        ("WXLOGIN_INDEX_KEYS", INDEX, "i1", "1 row needs"),
    ],
)
def test_another_key_under_a_known_id_stops_the_start(
    make_site: Make, name: str, ring: tuple[str, ...], key_id: str, needed: str
) -> None:
    Phone(make_site(**rings(1))).login()
    other = ring[1].partition(":")[2]
    (fault,) = faults(make_site, **{**rings(1), name: f"{key_id}:{other}"})
    assert fault == (
        f"{name}: the key {key_id} is not the one that was used under this id before, which "
        f"{needed}; put that one back, or give this one an id of its own"
    )
    assert other not in fault


def test_another_key_under_a_known_id_stops_the_start_though_its_rows_cannot_be_counted(
    make_site: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_site(**rings(1))

    def slow(*_: object) -> int:
        raise OperationalError("SELECT count(*)", {}, TimeoutError())

    monkeypatch.setattr("wxlogin.keyring.known_keys.count_rows", slow)
    other = f"d1:{DATA[1].partition(':')[2]}"
    (fault,) = faults(make_site, **{**rings(1), "WXLOGIN_DATA_KEYS": other})
    assert fault.startswith("WXLOGIN_DATA_KEYS: the key d1 is not the one that was used")


def test_a_ring_that_lacks_a_key_which_rows_need_stops_the_start(make_site: Make) -> None:
    site = make_site(**rings(1))
    for name in ("alice", "bob"):
        Phone(site, name).login()
    missing = faults(make_site, **rings(2, signing=(1,)))
    assert [fault.partition(";")[0] for fault in missing] == [
        "WXLOGIN_DATA_KEYS lacks the key d1, which 4 rows need",
        "WXLOGIN_INDEX_KEYS lacks the key i1, which 2 rows need",
    ]


def test_a_key_that_no_row_needs_may_go(make_site: Make) -> None:
    make_site(**rings(1))
    make_site(**rings(1, 2))
    make_site(**rings(1))


def test_rows_of_a_key_that_an_older_version_used_are_found(make_site: Make) -> None:
    site = make_site(**rings(1))
    Phone(site).login()
    with site.app.app_context():
        db.session.execute(delete(KnownKey))
        db.session.commit()
    missing = faults(make_site, **rings(2))
    assert [fault.split(", ")[0].split()[-1] for fault in missing] == ["d1", "i1"]


def test_a_second_lost_key_stops_the_start_although_the_first_is_given_up(make_site: Make) -> None:
    site = make_site(**rings(1))
    Phone(site).login()
    with site.app.app_context():
        db.session.execute(delete(KnownKey))
        db.session.commit()
    settings = of_command(site, 2)
    words = ("keys", "give-up", "data:d1", "--yes")
    assert flask_process.run(words, settings, site.directory).returncode == 0
    listed = flask_process.run(("keys", "list"), settings, site.directory)
    assert listed.returncode == 2
    assert "lacks the key i1" in listed.stderr


def test_every_command_is_stopped_but_giving_up_the_key(make_site: Make) -> None:
    site = make_site(**rings(1))
    Phone(site).login()
    settings = of_command(site, 2, index=(1,))
    listed = flask_process.run(("keys", "list"), settings, site.directory)
    assert listed.returncode == 2
    assert "lacks the key d1, which 3 rows need" in listed.stderr
    given_up = flask_process.run(("keys", "give-up", "data:d1", "--yes"), settings, site.directory)
    assert (given_up.returncode, given_up.stdout) == (0, "data:d1 is given up; 3 rows needed it.\n")
    assert flask_process.run(("keys", "list"), settings, site.directory).returncode == 0
