"""An import and a user at the same moment: what the user wrote is newer than the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.backend import Backend
from tests.harness.import_race import FILE, held_import
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow


@pytest.fixture
def alice(site: Site, phone: Phone) -> Phone:
    """A user of whom nothing is known but the openid."""
    phone.login()
    return phone


def test_what_a_user_writes_meanwhile_stays(site: Site, alice: Phone, tmp_path: Path) -> None:
    with held_import(site, alice, tmp_path) as said:
        own = {"nickname": "Mine", "avatar_url": "https://example.com/mine.png"}
        assert alice.ask("PUT", "/v1/me/profile", json=own).ok
        code = site.sandbox.world.phone_code(alice.user)
        assert alice.ask("POST", "/v1/decrypt/phone", json={"code": code}).ok
        backend = Backend(site, "link")
        assert backend.given("/v1/service/link", user=alice.user_id, external_id="u-mine")
    assert "1 completed" in said[0]
    row = UserRow(site, alice.user_id)
    assert row.opened("profile_sealed")["nickName"] == "Mine"
    assert row.opened("phone_sealed")["purePhoneNumber"] != FILE["phone"]
    assert row.is_indexed(
        "phone_index", f"+86{row.opened('phone_sealed')['purePhoneNumber']}", "phone"
    )
    assert row.column("external_id") == "u-mine"
    assert alice.ask("GET", "/v1/auth").headers["X-Wxlogin-External-Id"] == "u-mine"


def test_what_nobody_wrote_meanwhile_comes_from_the_file(
    site: Site, alice: Phone, tmp_path: Path
) -> None:
    with held_import(site, alice, tmp_path):
        assert alice.ask("PUT", "/v1/me/profile", json={"nickname": "Mine"}).ok
    row = UserRow(site, alice.user_id)
    assert row.opened("profile_sealed") == {"nickName": "Mine"}
    assert row.opened("phone_sealed")["purePhoneNumber"] == FILE["phone"]
    assert row.column("external_id") == FILE["external_id"]
    assert row.column("created_at").year == 2024


def test_a_unionid_that_wechat_tells_meanwhile_stays(
    site: Site, alice: Phone, tmp_path: Path
) -> None:
    with held_import(site, alice, tmp_path):
        site.sandbox.world.open_platform = True
        alice.login()
    row = UserRow(site, alice.user_id)
    assert row.opened("unionid_sealed") == site.sandbox.world.unionid("alice")
    assert row.column("external_id") == FILE["external_id"]
