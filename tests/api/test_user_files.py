"""`flask users import` and `export`: users come in by a file, once, and go out as they came."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.admin.people import OTHER, two_apps
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow, recorded
from tests.harness.team import Team, dispatch
from wxlogin.accounts.import_rows import FIELDS
from wxlogin.extensions import db
from wxlogin.models import User, UserOpenidIndex
from wxlogin.outbox import EventType

ALICE = {
    "openid": "oAbc0123456789example-alice1",
    "unionid": "oUni0123456789example-alice1",
    "phone": "13800138000",
    "external_id": "u-1001",
    "nickname": '爱丽丝, "A"',
    "avatar_url": "https://example.com/a.png?b=1",
    "created_at": "2024-03-01T01:30:00Z",
}
BOB = dict.fromkeys(FIELDS, "") | {
    "openid": "oAbc0123456789example-bob002",
    "created_at": "2024-03-01T01:30:00Z",
}
Row = Mapping[str, Any]
Importing = Callable[..., str]


@pytest.fixture
def users(site: Site) -> CommandLine:
    """The commands, of a site that has the mini-program."""
    Phone(site, "carol").login()
    return CommandLine(site, "users")


@pytest.fixture
def importing(users: CommandLine, tmp_path: Path) -> Importing:
    """Imports rows from a file of either form, and says what the command says."""

    def run(
        *rows: Row, form: str = "csv", appid: str = APPID, options: tuple[str, ...] = ()
    ) -> str:
        file = tmp_path / f"users.{form}"
        if form == "csv":
            write_csv(file, rows)
        else:
            file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        return users.done("import", str(file), "--appid", appid, *options)

    return run


def write_csv(file: Path, rows: tuple[Row, ...]) -> None:
    """Write a file with all fields."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(rows)


def exported(users: CommandLine, *options: str, appid: str = APPID) -> str:
    """What an export writes; it is kept out of the search for leaks."""
    result = users.site.app.test_cli_runner().invoke(
        args=["users", "export", "--appid", appid, *options]
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def count(site: Site, model: type = User) -> int:
    """How many rows a table has."""
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def row_of(site: Site, external_id: str) -> UserRow:
    """The row of a user by the team's own id."""
    with site.app.app_context():
        found = select(User.public_id).where(User.external_id == external_id)
        return UserRow(site, db.session.scalars(found).one())


# In


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_all_that_a_row_says_is_kept_sealed(site: Site, importing: Importing, form: str) -> None:
    told = importing(ALICE, BOB, form=form)
    assert told.startswith("Of 2 rows, 2 were created, 0 completed, 0 left as they are, 0 rejected")
    row = row_of(site, "u-1001")
    assert row.opened("openid_sealed") == ALICE["openid"]
    assert row.opened("unionid_sealed") == ALICE["unionid"]
    assert row.opened("phone_sealed") == {
        "phoneNumber": "13800138000",
        "purePhoneNumber": "13800138000",
        "countryCode": "86",
    }
    profile = {"nickName": ALICE["nickname"], "avatarUrl": ALICE["avatar_url"]}
    assert row.opened("profile_sealed") == profile
    assert f"{row.column('created_at'):%Y-%m-%dT%H:%M:%SZ}" == ALICE["created_at"]
    assert row.is_indexed("openid_index", ALICE["openid"], f"openid:{APPID}")
    assert row.is_indexed("unionid_index", ALICE["unionid"], "unionid")
    assert row.is_indexed("phone_index", "+8613800138000", "phone")


def test_an_imported_user_is_found_at_the_first_login(site: Site, importing: Importing) -> None:
    openid = site.sandbox.world.openid("alice")
    importing({**ALICE, "openid": openid})
    phone = Phone(site)
    assert phone.login()["user"]["is_new"] is False
    answer = phone.ask("GET", "/v1/auth")
    assert answer.headers["X-Wxlogin-External-Id"] == "u-1001"
    assert answer.headers["X-Wxlogin-Person"] == row_of(site, "u-1001").column("person")


def test_a_second_import_makes_no_duplicates(site: Site, importing: Importing) -> None:
    importing(ALICE, BOB)
    users, indexed = count(site), count(site, UserOpenidIndex)
    again = importing(ALICE, ALICE, BOB)
    assert "0 were created, 0 completed, 3 left as they are, 0 rejected" in again
    assert (count(site), count(site, UserOpenidIndex)) == (users, indexed)


def test_a_user_who_is_there_gets_what_they_lack(site: Site, importing: Importing) -> None:
    phone = Phone(site)
    phone.login()
    openid = site.sandbox.world.openid("alice")
    told = importing({**ALICE, "openid": openid, "nickname": "", "avatar_url": ""})
    assert "0 were created, 1 completed" in told
    row = UserRow(site, phone.user_id)
    assert row.column("external_id") == "u-1001"
    assert row.opened("phone_sealed")["phoneNumber"] == "13800138000"
    assert row.opened("unionid_sealed") == ALICE["unionid"]
    assert phone.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == "u-1001"
    other = {**ALICE, "openid": openid, "phone": "13900139000", "unionid": "oUni-other"}
    assert "1 completed" in importing({**other, "created_at": "2020-01-01"})
    assert row.opened("phone_sealed")["phoneNumber"] == "13800138000"
    assert row.opened("unionid_sealed") == ALICE["unionid"]
    assert row.column("created_at").year == 2019  # midnight in China


def test_users_of_one_unionid_are_one_person(site: Site, importing: Importing) -> None:
    two_apps(site)
    importing(ALICE)
    importing({**ALICE, "external_id": "u-2"}, appid=OTHER)
    importing({**ALICE, "openid": "o-third", "external_id": "u-3", "phone": ""}, appid=OTHER)
    persons = {row_of(site, one).column("person") for one in ("u-1001", "u-2", "u-3")}
    assert len(persons) == 1


def test_a_join_of_a_user_who_was_there_is_told(site: Site, importing: Importing) -> None:
    two_apps(site)
    site.sandbox.world.open_platform = False
    importing({**ALICE, "external_id": "u-2"}, appid=OTHER)
    phone = Phone(site)
    phone.login()
    with Team() as team:
        team.subscribe(site, EventType.PERSON_JOINED, EventType.USER_CREATED)
        importing({**ALICE, "openid": site.sandbox.world.openid("alice")}, BOB)
        dispatch(site)
        assert team.names() == ["person.joined"]
        assert team.got[0].event["data"]["user"] == phone.user_id


# What cannot be taken


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_wrong_row_is_kept_with_the_reason(
    site: Site, importing: Importing, tmp_path: Path, form: str
) -> None:
    before, wrong = count(site), {**ALICE, "phone": "12345"}
    told = importing(wrong, BOB, form=form)
    assert "1 were created" in told
    assert "1 rejected" in told
    assert count(site) == before + 1
    rejects = tmp_path / f"users.{form}.rejects"
    assert oct(rejects.stat().st_mode)[-3:] == "600"
    lines = rejects.read_text(encoding="utf-8").splitlines()
    (row,) = csv.DictReader(lines) if form == "csv" else map(json.loads, lines)
    assert row.pop("reason").startswith("phone should be a number")
    assert row == wrong


def test_rejected_rows_are_mended_and_imported(
    users: CommandLine, importing: Importing, tmp_path: Path
) -> None:
    importing({**ALICE, "phone": "12345"})
    rejects = tmp_path / "users.csv.rejects"
    mended = rejects.read_text(encoding="utf-8").replace("12345", "+85261234567")
    rejects.write_text(mended, encoding="utf-8")
    told = users.done("import", str(rejects), "--appid", APPID, "--rejects", str(tmp_path / "r"))
    assert "1 were created" in told
    assert not (tmp_path / "r").exists()
    assert row_of(users.site, "u-1001").opened("phone_sealed")["countryCode"] == "852"


def test_an_external_id_goes_to_one_user(importing: Importing, tmp_path: Path) -> None:
    importing(ALICE)
    told = importing({**BOB, "external_id": "u-1001"}, {**ALICE, "external_id": "u-7"})
    assert "2 rejected" in told
    reasons = (tmp_path / "users.csv.rejects").read_text(encoding="utf-8")
    assert "external_id is another user's" in reasons
    assert "the user has another external_id" in reasons


def test_what_is_no_row_at_all_is_rejected(
    users: CommandLine, importing: Importing, tmp_path: Path
) -> None:
    file = tmp_path / "odd.jsonl"
    good = json.dumps(BOB)
    file.write_text(f'{{"openid"\n[1]\n{{"nick": 1}}\n{"x" * 200_000}\n\n{good}', encoding="utf-8")
    told = users.done("import", str(file), "--appid", APPID)
    assert "Of 5 rows, 1 were created" in told
    assert "4 rejected" in told
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"openid,nickname\no-1,Andr\xe9\no-2\no-3,a,b\n")
    told = users.done("import", str(latin), "--appid", APPID)
    assert "0 were created, 0 completed, 0 left as they are, 3 rejected" in told
    rejects = (tmp_path / "latin.csv.rejects").read_text("utf-8", "surrogateescape")
    found = [(row["nickname"], row["reason"]) for row in csv.DictReader(rejects.splitlines())]
    assert found[0] == ("Andr\udce9", "nickname should be text in UTF-8")
    fields = "the row has another number of fields than the header"
    assert found[1:] == [("", fields), ("a", fields)]


def test_a_file_without_a_header_is_refused(users: CommandLine, tmp_path: Path) -> None:
    for text in ("", "o-1,u-1\n", "openid,nick\no-1,a\n"):
        file = tmp_path / "users.csv"
        file.write_text(text, encoding="utf-8")
        told = users.refused("import", str(file), "--appid", APPID)
        assert "The first line should name the fields: openid,unionid" in told


def test_another_app_is_refused(users: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    write_csv(file, (ALICE,))
    assert "APP_UNKNOWN" in users.refused("import", str(file), "--appid", OTHER)
    assert "APP_UNKNOWN" in users.refused("export", "--appid", OTHER)


# A dry run


def test_a_dry_run_says_the_same_and_writes_nothing(
    site: Site, importing: Importing, tmp_path: Path
) -> None:
    importing(ALICE)
    rows = [
        ALICE,
        BOB,
        BOB,
        {**BOB, "openid": "o-3", "external_id": "u-3"},
        {**BOB, "openid": "o-4", "external_id": "u-3"},
        {**BOB, "openid": "o-3", "external_id": "u-4"},
        {**BOB, "openid": "o-5", "phone": "1"},
    ]
    with recorded(site) as statements:
        dry = importing(*rows, options=("--dry-run",))
    written = [one for one, _ in statements if not one.lstrip().startswith(("SELECT", "PRAGMA"))]
    assert all("audit_entry" in one for one in written)
    rejected = (tmp_path / "users.csv.rejects").read_text(encoding="utf-8")
    wet = importing(*rows)
    assert dry.replace("would be", "were").rpartition(";")[0] == wet.rpartition(";")[0]
    assert (tmp_path / "users.csv.rejects").read_text(encoding="utf-8") == rejected
    assert "Of 7 rows, 2 were created, 0 completed, 2 left as they are, 3 rejected" in wet


# Out


def test_an_export_is_what_was_imported(
    site: Site, users: CommandLine, importing: Importing
) -> None:
    two_apps(site)
    abroad = {**BOB, "openid": "o-3", "phone": "+85261234567", "nickname": "=1+1"}
    importing(ALICE, BOB, abroad, appid=OTHER)
    found = list(csv.DictReader(exported(users, appid=OTHER).splitlines()))
    assert found == [ALICE, BOB, abroad]
    lines = exported(users, "--format", "jsonl", appid=OTHER).splitlines()
    assert [json.loads(line) for line in lines] == [
        {name: value or None for name, value in row.items()} for row in found
    ]


def test_both_are_in_the_audit_trail_without_the_data(
    site: Site, users: CommandLine, importing: Importing
) -> None:
    importing(ALICE, BOB)
    importing(ALICE, options=("--dry-run",))
    exported(users)
    owner = Operator(site, "owner").sign_in()
    items = owner.done("GET", f"/audit?target=app:{APPID}")["items"]
    told = [(one["act"], one["outcome"], one["detail"]) for one in items[::-1]]
    done = [(act, detail) for act, outcome, detail in told if outcome == "done"]
    tally = {"changed": 0, "rejected": 0, "unchanged": 0}
    assert done[-3:] == [
        ("users.import", {**tally, "created": 2}),
        ("users.import_dry_run", {**tally, "created": 0, "unchanged": 1}),
        ("users.export", {"users": 3, "unreadable": 0}),
    ]
