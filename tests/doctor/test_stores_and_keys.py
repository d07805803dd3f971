"""What the doctor finds of the database, the keys, the audit trail and the settings."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config
from tests.harness.patient import findings, of_site
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.trail import Trail
from wxlogin.settings.values import DataKey

DEAD = "postgresql+psycopg://wxlogin:hunter2@127.0.0.1:9/wxlogin"
STRICT: dict[str, Any] = {
    "request_signing": "required",
    "require_https": True,
    "admin_require_totp": True,
    "push_require_aes": True,
}
STALE = "UPDATE alembic_version SET version_num = '{}'"


def test_a_database_as_it_should_be_is_in_order(site: Site) -> None:
    assert list(of_site("database", site)) == ["ok"]


def test_a_database_that_is_out_is_named_without_its_password(site: Site) -> None:
    found = of_site("database", site, database_url=DEAD)
    assert list(found) == ["database.out"]
    assert "hunter2" not in str(found["database.out"].say("en"))


def test_a_database_that_hangs_is_named(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes the call and says nothing
        url = f"postgresql+psycopg://wxlogin@127.0.0.1:{silent.getsockname()[1]}/wxlogin"
        assert list(of_site("database", site, database_url=url)) == ["database.out"]


@pytest.mark.parametrize(
    ("revision", "code"), [("0001", "database.pending"), ("9999", "database.ahead")]
)
def test_another_revision_is_named(site: Site, revision: str, code: str) -> None:
    Trail(site).spoil(STALE.format(revision))
    assert list(of_site("database", site)) == [code]


def test_an_empty_database_is_named(site: Site, tmp_path: Path) -> None:
    found = of_site("database", site, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert list(found) == ["database.pending"]


def test_a_key_that_rows_need_and_that_is_gone_is_named(site: Site) -> None:
    Phone(site).login()
    assert list(of_site("key-use", site)) == ["ok"]
    other = (DataKey("other", b"\x07" * 32),)
    assert list(of_site("key-use", site, index_keys=other)) == ["keys.lost"]
    assert list(of_site("key-use", site, database_url=DEAD)) == ["keys.uncounted"]


def test_a_key_that_can_be_guessed_is_named_and_not_told(site: Site) -> None:
    weak = "changeme-changeme-changeme-changeme"
    found = of_site("key-strength", site, secret_keys=(weak,))
    assert list(found) == ["keys.weak"]
    said = found["keys.weak"].say("en").what
    assert "WXLOGIN_SECRET_KEYS" in said
    assert weak not in said


def test_a_secret_in_two_settings_is_named(site: Site) -> None:
    key = site.settings.data_keys[0].key
    encoded = base64.b64encode(key).decode()
    assert list(of_site("key-strength", site)) == ["ok"]
    for twice in ({"metrics_token": encoded}, {"redis_url": f"redis://:{key.hex()}@127.0.0.1"}):
        found = of_site("key-strength", site, **twice, wx_secret=key.hex())
        assert list(found) == ["keys.reused"]


def test_a_trail_as_it_was_written_is_whole(site: Site) -> None:
    trail = Trail(site)
    trail.act(3)
    found = of_site("audit", site)["audit.whole"]
    assert "newest 6 entries" in found.say("en").what


def test_a_trail_that_was_changed_is_named(site: Site) -> None:
    trail = Trail(site)
    trail.act(3)
    trail.spoil("UPDATE audit_entry SET actor = 'admin:mallory' WHERE number = 4")
    found = of_site("audit", site)["audit.broken"]
    assert "Entry 4 was changed." in found.say("zh").what


def test_a_long_trail_is_checked_at_its_end_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = Trail(site)
    trail.act(3)
    monkeypatch.setattr("wxlogin.doctor.audit_check.ENTRIES", 3)
    trail.spoil("UPDATE audit_entry SET actor = 'admin:mallory' WHERE number = 2")
    assert list(of_site("audit", site)) == ["audit.whole"]
    trail.spoil("UPDATE audit_entry SET actor = 'admin:mallory' WHERE number = 4")
    assert list(of_site("audit", site)) == ["audit.broken"]
    trail.spoil("DELETE FROM audit_entry WHERE number > 4")
    assert list(of_site("audit", site)) == ["audit.broken"]


def test_a_trail_that_cannot_be_read_is_unknown(site: Site) -> None:
    found = of_site("audit", site, database_url=DEAD)
    assert [(code, one.level) for code, one in found.items()] == [("audit.unread", "unknown")]


def test_a_sandbox_and_a_stand_in_are_named(make_site: Callable[..., Site]) -> None:
    site = make_site()
    assert list(of_site("settings", site)) == ["settings.sandbox"]
    assert list(of_site("settings", site, sandbox=False)) == ["ok"]
    production: dict[str, Any] = {"sandbox": False, "env": "production", **STRICT}
    assert list(of_site("settings", site, **production)) == ["settings.stand_in"]
    weixin = {"wx_api_base": "https://api.weixin.qq.com"}
    assert list(of_site("settings", site, **production, **weixin)) == ["ok"]


@pytest.mark.parametrize(
    ("loose", "text"),
    [
        ({"require_https": False}, "WXLOGIN_REQUIRE_HTTPS=off, which is on"),
        ({"request_signing": "optional"}, "WXLOGIN_REQUEST_SIGNING=optional, which is required"),
        ({"admin_require_totp": False}, "WXLOGIN_ADMIN_REQUIRE_TOTP=off, which is on"),
        ({"push_require_aes": False}, "WXLOGIN_PUSH_REQUIRE_AES=off, which is on"),
    ],
)
def test_a_protection_that_production_runs_without_is_named(
    site: Site, loose: dict[str, Any], text: str
) -> None:
    production = {"sandbox": False, "env": "production", "wx_api_base": "https://a.example"}
    found = of_site("settings", site, **{**production, **STRICT, **loose})
    assert list(found) == ["settings.loosened"]
    assert text in found["settings.loosened"].say("en").what


def test_settings_without_a_fault_are_in_order(tmp_path: Path) -> None:
    settings = config.load(
        {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}, tmp_path
    )
    assert list(findings("settings", settings)) == ["ok"]
