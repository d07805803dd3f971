"""Every setting is documented and has the contract's default; the keys' recipes work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import config
from tests.house.source import ROOT
from wxlogin.settings.values import limits

# As the contract has them; an empty one means that there is none. Those that nothing uses yet are
# not declared yet.
CONTRACT = {
    "WXLOGIN_ENV": "production",
    "WXLOGIN_SECRET_KEYS": (),
    "WXLOGIN_DATA_KEYS": (),
    "WXLOGIN_INDEX_KEYS": (),
    "WXLOGIN_ASSERTION_KEYS": (),
    "WXLOGIN_ASSERTION_AUDIENCE": "",
    "WXLOGIN_DATABASE_URL": "",
    "WXLOGIN_DATABASE_POOL": 5,
    "WXLOGIN_DATABASE_PGBOUNCER": False,
    "WXLOGIN_REDIS_URL": "",
    "WXLOGIN_REDIS_WAIT": 0,
    "WXLOGIN_WX_APPID": "",
    "WXLOGIN_WX_SECRET": "",
    "WXLOGIN_WX_PUSH_TOKEN": "",
    "WXLOGIN_WX_PUSH_AES_KEY": "",
    "WXLOGIN_WX_API_BASE": "https://api.weixin.qq.com",
    "WXLOGIN_WX_TIMEOUT": (1.5, 4),
    "WXLOGIN_SESSION_IDLE_TTL": 604800,
    "WXLOGIN_SESSION_MAX_AGE": 2592000,
    "WXLOGIN_SESSION_KEY_TTL": 7200,
    "WXLOGIN_SINGLE_DEVICE_LOGIN": "off",
    "WXLOGIN_MAX_DEVICES": 12,
    "WXLOGIN_DEVICE_OVERFLOW": "evict",
    "WXLOGIN_REQUEST_SIGNING": "optional",
    "WXLOGIN_AUTH_SIGNING": "optional",
    "WXLOGIN_AUTH_ORIGINAL": "x-original",
    "WXLOGIN_AUTH_STATUS": "204",
    "WXLOGIN_TIMEZONE": ZoneInfo("Asia/Shanghai"),
    "WXLOGIN_TRUSTED_HOPS": 0,
    "WXLOGIN_REQUIRE_HTTPS": False,
    "WXLOGIN_RISK_REFUSE": 0,
    "WXLOGIN_LIMIT_LOGIN_IP": limits("600/minute"),
    "WXLOGIN_LIMIT_LOGIN_OPENID": limits("10/minute"),
    "WXLOGIN_LIMIT_FAIL_IP": limits("30/minute"),
    "WXLOGIN_LIMIT_API_IP": limits("30000/minute"),
    "WXLOGIN_LIMIT_API_OPENID": limits("300/minute"),
    "WXLOGIN_LIMIT_DECRYPT_OPENID": limits("30/minute"),
    "WXLOGIN_WEB_ORIGINS": (),
    "WXLOGIN_LIMIT_SCAN_IP": limits("60/minute"),
    "WXLOGIN_LIMIT_PROFILE_OPENID": limits("10/minute"),
    "WXLOGIN_LIMIT_OWN_DATA_OPENID": limits("10/hour"),
    "WXLOGIN_LIMIT_ADMIN_IP": limits("20/minute"),
    "WXLOGIN_LIMIT_ADMIN_NAME": limits("10/minute"),
    "WXLOGIN_LIMIT_ADMIN_NAME_WIDE": limits("100/minute"),
    "WXLOGIN_LIMIT_SEARCH": limits("30/minute"),
    "WXLOGIN_LIMIT_EXPORT": limits("20/hour"),
    "WXLOGIN_ADMIN_IDLE_TTL": 1800,
    "WXLOGIN_ADMIN_MAX_AGE": 43200,
    "WXLOGIN_OPEN_DATA_MAX_AGE": 600,
    "WXLOGIN_PUSH_MAX_AGE": 600,
    "WXLOGIN_PUSH_REQUIRE_AES": False,
    "WXLOGIN_METRICS_TOKEN": "",
    "WXLOGIN_EVENT_IP": "full",
    "WXLOGIN_RETENTION_DAYS": 180,
    "WXLOGIN_IP_REGION_DB": (),
    "WXLOGIN_ALERT_WEBHOOK": "",
    "WXLOGIN_ALERT_LANGUAGE": "zh",
    "WXLOGIN_PUBLIC_URL": "",
    "WXLOGIN_WEBHOOK_PRIVATE": False,
    "WXLOGIN_ADMIN_REQUIRE_TOTP": False,
    "WXLOGIN_SANDBOX": False,
}
STRICTER = {
    "WXLOGIN_REQUEST_SIGNING": "required",
    "WXLOGIN_REQUIRE_HTTPS": True,
    "WXLOGIN_PUSH_REQUIRE_AES": True,
    "WXLOGIN_ADMIN_REQUIRE_TOTP": True,
}
"""The contract's defaults in production, where they differ."""
PAGE = ROOT / "docs/settings.md"
RECIPE = re.compile(r'^For `(\w+)`:\n\n```sh\npython3 -c "(.+)"\n```$', re.MULTILINE)


def recipes() -> dict[str, str]:
    """The Python that makes each key, by the setting's name."""
    return dict(RECIPE.findall(PAGE.read_text(encoding="utf-8")))


def undocumented(page: Path) -> list[str]:
    """Settings that have no row on the page, and secrets whose file form it does not name."""
    text = page.read_text(encoding="utf-8")
    named = [f"\n| `{name}` |" for name in config.table()]
    files = [f"`{name}_FILE` |\n" for name, info in config.table().items() if not info.repr]
    return [wanted.strip() for wanted in named + files if wanted not in text]


def in_production(**given: str) -> config.Settings:
    """The settings of a production server that names nothing but what it must."""
    needed = {
        "WXLOGIN_DATABASE_URL": "postgresql+psycopg://127.0.0.1/wxlogin",
        "WXLOGIN_REDIS_URL": "redis://127.0.0.1:6379/0",
        "WXLOGIN_TRUSTED_HOPS": "1",
    }
    return config.load({**needed, **given})


def made() -> dict[str, str]:
    """A value for each key, made by the page's own recipes."""
    return {
        name: subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name, program in recipes().items()
    }


def test_every_default_is_the_contract_s() -> None:
    declared = {name: info.default for name, info in config.table().items() if name in CONTRACT}
    assert declared
    assert declared == {name: CONTRACT[name] for name in declared}


def test_production_is_as_strict_as_the_contract_says() -> None:
    settings = in_production(**made())
    stricter = {name: value for name, value in STRICTER.items() if name in config.table()}
    assert stricter
    for name, value in stricter.items():
        assert getattr(settings, name.removeprefix("WXLOGIN_").lower()) == value


def test_every_setting_is_documented() -> None:
    assert undocumented(PAGE) == []


def test_a_setting_without_a_row_is_found(tmp_path: Path) -> None:
    page = tmp_path / "settings.md"
    page.write_text(PAGE.read_text(encoding="utf-8").replace("| `WXLOGIN_ENV` |", "| env |"))
    assert "| `WXLOGIN_ENV` |" in undocumented(page)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_readmes_name_only_settings_that_there_are(readme: str) -> None:
    named = set(re.findall(r"WXLOGIN_[A-Z_]+", (ROOT / readme).read_text(encoding="utf-8")))
    assert named
    assert named <= set(config.table())


def test_the_recipes_make_keys_that_production_takes() -> None:
    keys = made()
    assert set(keys) == {"WXLOGIN_SECRET_KEYS", "WXLOGIN_DATA_KEYS", "WXLOGIN_INDEX_KEYS"}
    assert in_production(**keys).production
