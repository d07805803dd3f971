"""What production refuses to start with."""

from __future__ import annotations

import base64
from random import Random

import pytest

import config
from tests.harness.environment import PRODUCTION, SECRETS, fault_of


@pytest.mark.parametrize(
    "key",
    [
        "0" * 40,
        "abcdefgh" * 5,
        "Zr7mQ1xW9vT4kN6bZr7mQ1xW9vT4kN6b",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "this-is-my-Secret-key-of-32-chars!!",
        "CHANGEME-Zr7mQ1xW9vT4kN6bY2sF8pL3",
        "wxlogin-Zr7mQ1xW9vT4kN6bY2sF8pL3h",
        "aabbaabbabababbbaaabbbabaabbbaba",
    ],
)
def test_production_refuses_a_key_that_can_be_guessed(key: str) -> None:
    fault = fault_of(WXLOGIN_SECRET_KEYS=f"{SECRETS['WXLOGIN_SECRET_KEYS']},{key}")
    assert fault.startswith("WXLOGIN_SECRET_KEYS should be random")
    assert key not in fault


def test_keys_of_the_usual_commands_pass() -> None:
    """Of `openssl rand -hex 16`, `-hex 32` and `-base64 32`, each as often as matters."""
    random = Random(0)
    for _ in range(300):
        texts = (
            random.randbytes(16).hex(),
            random.randbytes(32).hex(),
            base64.b64encode(random.randbytes(32)).decode(),
        )
        config.load(PRODUCTION | {"WXLOGIN_SECRET_KEYS": ",".join(texts)})


@pytest.mark.parametrize("name", ["WXLOGIN_DATA_KEYS", "WXLOGIN_INDEX_KEYS"])
@pytest.mark.parametrize(
    "encoded",
    [
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "c2VjcmV0LXNlY3JldC0xMjM0NTY3ODkwYWJjZGVmZ2g=",
    ],
    ids=["zeros", "counting", "word"],
)
def test_production_refuses_a_data_key_that_can_be_guessed(name: str, encoded: str) -> None:
    assert fault_of(**{name: f"k1:{encoded}"}).startswith(f"{name} should be random")


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("WXLOGIN_SANDBOX", "on", "WXLOGIN_SANDBOX should be off in production"),
        (
            "WXLOGIN_DATABASE_URL",
            "sqlite:////srv/wxlogin.sqlite3",
            "WXLOGIN_DATABASE_URL should not be SQLite in production",
        ),
        (
            "WXLOGIN_WX_API_BASE",
            "http://api.weixin.qq.com",
            "WXLOGIN_WX_API_BASE should start with https://; it carries the AppSecret",
        ),
    ],
)
def test_production_refuses_what_is_for_tests(name: str, text: str, fault: str) -> None:
    assert fault_of(**{name: text}) == fault
    config.load(PRODUCTION | {"WXLOGIN_ENV": "testing", name: text})


def test_wechat_may_be_plain_http_on_this_machine() -> None:
    config.load(PRODUCTION | {"WXLOGIN_WX_API_BASE": "http://127.0.0.1:9000"})
