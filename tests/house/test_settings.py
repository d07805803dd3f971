"""Every setting is documented and has the contract's default; the keys' recipes work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import config
from tests.house.source import ROOT

# As the contract has them; an empty one means that there is none.
DEFAULTS = {
    "WXLOGIN_ENV": "production",
    "WXLOGIN_SECRET_KEYS": (),
    "WXLOGIN_DATA_KEYS": (),
    "WXLOGIN_INDEX_KEYS": (),
    "WXLOGIN_DATABASE_URL": "",
    "WXLOGIN_REDIS_URL": "",
    "WXLOGIN_WX_APPID": "",
    "WXLOGIN_WX_SECRET": "",
    "WXLOGIN_WX_API_BASE": "https://api.weixin.qq.com",
    "WXLOGIN_WX_TIMEOUT": (1.5, 4),
    "WXLOGIN_SESSION_IDLE_TTL": 604800,
    "WXLOGIN_SESSION_MAX_AGE": 2592000,
    "WXLOGIN_SESSION_KEY_TTL": 7200,
    "WXLOGIN_MAX_DEVICES": 12,
    "WXLOGIN_SANDBOX": False,
}
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


def test_every_default_is_the_contract_s() -> None:
    assert {name: info.default for name, info in config.table().items()} == DEFAULTS


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
    made = {
        name: subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name, program in recipes().items()
    }
    assert set(made) == {"WXLOGIN_SECRET_KEYS", "WXLOGIN_DATA_KEYS", "WXLOGIN_INDEX_KEYS"}
    settings = config.load(
        {
            **made,
            "WXLOGIN_DATABASE_URL": "postgresql+psycopg://127.0.0.1/wxlogin",
            "WXLOGIN_REDIS_URL": "redis://127.0.0.1:6379/0",
        }
    )
    assert settings.production
