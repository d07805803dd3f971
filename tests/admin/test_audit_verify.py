"""`flask audit verify`: whatever is done to the trail in the database shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.rings import give_up
from tests.harness.site import Site
from tests.harness.trail import Trail

HEAD = "wxl:1:audit-head"
COLUMNS = {
    "at": "'2020-01-01 00:00:00'",
    "actor": "'admin:mallory'",
    "act": "'user.ban'",
    "target": "'user:else'",
    "outcome": "'refused'",
    "intent": "4",
    "reason": "'none'",
    "detail": "'[]'",
    "address": "'192.0.2.9'",
    "request_id": "'r9'",
    "mac": "mac || '0'",
}


@pytest.fixture
def trail(site: Site) -> Trail:
    """A trail of three acts, six entries."""
    found = Trail(site)
    found.act(3)
    return found


def test_a_trail_as_it_was_written_is_sound(trail: Trail, site: Site) -> None:
    said = CommandLine(site, "audit").done("verify")
    assert said.endswith("6 entries are as they were written.\n")


def test_an_empty_trail_is_sound(site: Site) -> None:
    assert Trail(site).faults() == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_shows(trail: Trail, column: str) -> None:
    trail.spoil(f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE number = 4")
    assert "Entry 4 was changed." in trail.faults()


@pytest.mark.parametrize(
    ("gone", "fault"),
    [
        ("number = 1", "Entry 1 is missing."),
        ("number = 3", "Entry 3 is missing."),
        ("number IN (3, 4)", "Entries 3 to 4 are missing."),
        ("number = 6", "Entry 6 is missing at the end."),
        ("number > 3", "Entries 4 to 6 are missing at the end."),
        ("number > 0", "Entries 1 to 6 are missing at the end."),
    ],
)
def test_a_removed_entry_shows(trail: Trail, gone: str, fault: str) -> None:
    trail.spoil(f"DELETE FROM audit_entry WHERE {gone}")
    assert trail.faults() == [fault]


def test_entries_that_were_numbered_anew_show(trail: Trail) -> None:
    trail.spoil("DELETE FROM audit_entry WHERE number = 3")
    for number in (4, 5, 6):
        trail.spoil(f"UPDATE audit_entry SET number = {number - 1} WHERE number = {number}")
    assert "Entry 3 was changed." in trail.faults()


def test_a_fault_ends_the_command_with_1(trail: Trail, site: Site) -> None:
    trail.spoil("DELETE FROM audit_entry WHERE number = 3")
    commands = CommandLine(site, "audit")
    result = commands.run("verify")
    assert (result.exit_code, "Entry 3 is missing." in result.output) == (1, True)
    assert "1 fault in 5 entries." in result.output


def test_a_cut_tail_still_shows_when_more_was_written_behind_it(trail: Trail) -> None:
    trail.spoil("DELETE FROM audit_entry WHERE number > 3")
    trail.act(5)
    assert trail.faults() == ["Entry 4: a tail had been cut off before it, entry:6."]


LOST = (
    "Entry 7: Redis had lost the latest entry; a tail that was cut off then does not show. "
    "`audit accept-head` accepts it."
)


def test_a_head_that_redis_lost_is_a_fault_until_somebody_accepts_it(
    trail: Trail, site: Site
) -> None:
    trail.site.redis.delete(HEAD)
    assert trail.faults() == ["Redis does not know the latest entry: a cut tail would not show."]
    trail.act()
    assert trail.faults() == [LOST]
    commands = CommandLine(site, "audit")
    assert commands.run("verify").exit_code == 1
    assert commands.run("accept-head").exit_code == 2  # a reason is needed
    commands.done("accept-head", "--reason", "Redis was replaced")
    assert trail.faults() == []
    assert commands.run("verify").exit_code == 0


def test_whoever_writes_both_stores_cannot_make_an_older_head(trail: Trail) -> None:
    trail.spoil("DELETE FROM audit_entry WHERE number > 3")
    newest = trail.rows()[-1]
    trail.site.redis.hset(HEAD, mapping={"number": newest.number, "mac": newest.mac})
    assert trail.faults() == ["Redis does not know the latest entry: a cut tail would not show."]


def test_entries_of_another_key_are_told_apart(
    trail: Trail, make_site: Callable[..., Site]
) -> None:
    give_up(trail.site, "data", "d1")
    key = "d2:q83vEjRWeJq8TXhQ2ZFmP0Lw5nKb7tXy1oCe9uVgHaM="
    other = Trail(make_site(WXLOGIN_DATA_KEYS=key))
    assert other.faults()[0] == "Entry 1: WXLOGIN_DATA_KEYS has no key 'd1'."


def test_who_has_the_database_alone_cannot_forge_an_entry(trail: Trail) -> None:
    trail.spoil(
        "INSERT INTO audit_entry (number, at, actor, act, target, outcome, reason, detail, address,"
        " request_id, key_id, mac) SELECT 7, at, actor, act, target, outcome, reason, detail,"
        " address, request_id, key_id, mac FROM audit_entry WHERE number = 6"
    )
    assert trail.faults() == ["Entry 7 was changed."]


def test_a_long_trail_is_read_in_batches(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wxlogin.watch.audit_verification.BATCH", 4)
    assert [report.seen for report in trail.audit.verify()] == [4, 6, 6]
