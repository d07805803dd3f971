"""Production says so where something on this machine plays WeChat."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

import config
from tests.harness.environment import PRODUCTION
from wxlogin.startup import warn_of_local_wechat


def warned(caplog: pytest.LogCaptureFixture, base: str, env: str = "production") -> bool:
    """Whether a start with WeChat there warns."""
    caplog.clear()
    given = PRODUCTION | {"WXLOGIN_ENV": env, "WXLOGIN_WX_API_BASE": base}
    with caplog.at_level(logging.WARNING, "wxlogin.startup"):
        warn_of_local_wechat(config.load(given, Path("/nowhere")))
    assert all(base in message for message in caplog.messages)
    return bool(caplog.messages)


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "[::1]:8001", "localhost", "LOCALHOST:1"])
def test_production_warns_of_a_wechat_on_this_machine(
    caplog: pytest.LogCaptureFixture, host: str
) -> None:
    assert warned(caplog, f"http://{host}")
    assert warned(caplog, f"https://{host}/relay")


def test_nothing_is_said_of_wechat_itself_or_in_development(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not warned(caplog, "https://api.weixin.qq.com")
    assert not warned(caplog, "https://127.0.0.1.example.com")
    assert not warned(caplog, "http://127.0.0.1:8001", "development")
