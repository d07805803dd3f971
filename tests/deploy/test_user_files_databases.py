"""Imports, exports, joins and external ids on the databases of production."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.admin.people import OTHER, signed_in, two_apps
from tests.api.test_service_calls import Backend
from tests.harness.command_line import CommandLine
from tests.harness.import_race import FILE, held_import
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow
from wxlogin.accounts.import_rows import FIELDS

COUNT = 1_203
"""More than two batches."""


@pytest.fixture
def site(migrated_site: Site) -> Site:
    """A running wxlogin on each database in turn."""
    return migrated_site


def test_users_come_in_once_and_go_out_as_they_came(
    site: Site, tmp_path: Path, phone: Phone
) -> None:
    phone.login()
    two_apps(site)
    rows = [
        dict(
            zip(
                FIELDS,
                (
                    f"o-{number:026}",
                    f"oU-{number:025}",
                    f"138{number:08}",
                    f"u-{number}",
                    f"用户 🙂 {number}",
                    "https://example.com/a.png",
                    "2024-03-01T01:30:00Z",
                ),
                strict=True,
            )
        )
        for number in range(COUNT)
    ]
    file, users = tmp_path / "users.csv", CommandLine(site, "users")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows([*rows, {**rows[0], "openid": "o-1", "external_id": "u-1"}])
    words = "import", str(file), "--appid", OTHER
    assert f"{COUNT} would be created" in users.done(*words, "--dry-run")
    assert f"{COUNT} were created, 0 completed, 0 left as they are, 1 rejected" in users.done(
        *words
    )
    assert f"0 were created, 0 completed, {COUNT} left as they are, 1 rejected" in users.done(
        *words
    )
    told = site.app.test_cli_runner().invoke(args=["users", "export", "--appid", OTHER]).stdout
    assert list(csv.DictReader(told.splitlines())) == rows


def test_persons_are_joined_and_external_ids_unique(site: Site) -> None:
    two_apps(site)
    site.sandbox.world.open_platform = False
    older, younger, bob = signed_in(site), signed_in(site, appid=OTHER), signed_in(site, "bob")
    site.sandbox.world.open_platform = True
    signed_in(site, appid=OTHER)
    signed_in(site)
    persons = [UserRow(site, one.user_id).column("person") for one in (older, younger, bob)]
    assert persons[0] == persons[1] != persons[2]
    assert younger.ask("GET", "/v1/auth").headers["X-Wxlogin-Person"] == persons[0]
    backend, link = Backend(site, "link"), "/v1/service/link"
    assert backend.given(link, user=older.user_id, external_id="u-1")
    assert backend.refusal(link, user=bob.user_id, external_id="u-1") == "EXTERNAL_ID_TAKEN"
    assert backend.given(link, user=bob.user_id, external_id="U-1")
    assert backend.given(link, user=younger.user_id, external_id="u-1")
    assert older.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == "u-1"
    assert older.ask("GET", "/v1/session").json()["app"]["appid"] == APPID


def test_what_a_user_writes_during_an_import_stays(
    site: Site, tmp_path: Path, phone: Phone
) -> None:
    phone.login()
    with held_import(site, phone, tmp_path):
        assert phone.ask("PUT", "/v1/me/profile", json={"nickname": "Mine"}).ok
    row = UserRow(site, phone.user_id)
    assert row.opened("profile_sealed") == {"nickName": "Mine"}
    assert row.opened("phone_sealed")["purePhoneNumber"] == FILE["phone"]
    assert row.column("external_id") == FILE["external_id"]
