"""A user who tells something while an import reads: what they told stays."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.held_statement import HeldStatement
from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site
from tests.harness.sql import UserRow

OWN = {"nickName": "Bob", "avatarUrl": "https://example.com/own.png"}


def test_what_a_user_tells_meanwhile_stays(site: Site, phone: Phone, tmp_path: Path) -> None:
    phone.login()
    openid = site.sandbox.world.openid("alice")
    row = {"openid": openid, "nickname": "Robert", "external_id": "u-1"}
    file = tmp_path / "users.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    users = CommandLine(site, "users")
    with HeldStatement(site, "UPDATE user SET") as held, ThreadPoolExecutor(1) as pool:
        imported = pool.submit(users.done, "import", str(file), "--appid", APPID)
        assert held.arrived()
        with site.app.app_context():
            site.services.accounts.users.save_profile(phone.user_id, OWN)
        held.let_go()
        assert "1 completed" in imported.result(20)
    kept = UserRow(site, phone.user_id)
    assert kept.opened("profile_sealed") == OWN
    assert kept.column("external_id") == "u-1"
