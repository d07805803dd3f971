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
        "please-replace-me-before-production",
        "qwertyuiopasdfghjklzxcvbnm123456",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9",
        "production-signing-key-for-shop-2026-11",
        "zhangsan-wechat-miniprogram-2026!!",
        "thequickbrownfoxjumpsoverthelazydog",
        "xiaochengxudenglumiyaoxiaochengxu",
        "django-insecure-7c2f9b1e4a8d5f3e6b",
        "小程序登录签名密钥请勿泄露给任何人也不要写进代码仓库里面去也好吧吗",
    ],
)
def test_production_refuses_a_key_that_can_be_guessed(key: str) -> None:
    fault = fault_of(WXLOGIN_SECRET_KEYS=f"{SECRETS['WXLOGIN_SECRET_KEYS']},{key}")
    assert fault.startswith("WXLOGIN_SECRET_KEYS should be random")
    assert key not in fault


def test_keys_of_the_usual_commands_pass(pytestconfig: pytest.Config) -> None:
    """Of `openssl rand -hex 16`, `-hex 32` and `-base64 32`; to judge one takes 16 ms."""
    random = Random(0)
    for _ in range(19 * int(pytestconfig.getoption("--fuzz"))):
        texts = (
            random.randbytes(16).hex(),
            random.randbytes(32).hex(),
            base64.b64encode(random.randbytes(32)).decode(),
        )
        config.load(PRODUCTION | {"WXLOGIN_SECRET_KEYS": ",".join(texts)})


@pytest.mark.parametrize(
    "name", ["WXLOGIN_DATA_KEYS", "WXLOGIN_INDEX_KEYS", "WXLOGIN_ASSERTION_KEYS"]
)
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
            (
                "WXLOGIN_WX_API_BASE should start with https://, as it carries the AppSecret; "
                "WXLOGIN_WX_API_INSECURE=on accepts it"
            ),
        ),
    ],
)
def test_production_refuses_what_is_for_tests(name: str, text: str, fault: str) -> None:
    assert fault_of(**{name: text}) == fault
    config.load(PRODUCTION | {"WXLOGIN_ENV": "testing", name: text})


def test_wechat_may_be_plain_http_on_this_machine() -> None:
    config.load(PRODUCTION | {"WXLOGIN_WX_API_BASE": "http://127.0.0.1:9000"})


def test_plain_http_to_wechat_is_accepted_in_so_many_words() -> None:
    given = {"WXLOGIN_WX_API_BASE": "http://10.0.0.7", "WXLOGIN_WX_API_INSECURE": "on"}
    assert config.load(PRODUCTION | given).wx_api_base == "http://10.0.0.7"


def test_a_host_behind_a_users_name_is_no_address_of_wechat() -> None:
    fault = fault_of(WXLOGIN_WX_API_BASE="https://api.weixin.qq.com@evil.example")
    assert fault == "WXLOGIN_WX_API_BASE should be a URL such as https://api.weixin.qq.com"


def test_production_refuses_a_metrics_token_that_can_be_guessed() -> None:
    for token in ("metrics-metrics-metrics", "prometheus-scrape-token-2026"):
        assert fault_of(WXLOGIN_METRICS_TOKEN=token).startswith("WXLOGIN_METRICS_TOKEN should be")


@pytest.mark.parametrize("name", ["WXLOGIN_DATA_KEYS", "WXLOGIN_INDEX_KEYS"])
def test_one_text_serves_no_two_rings(name: str) -> None:
    encoded = SECRETS[name].partition(":")[2]
    fault = fault_of(WXLOGIN_SECRET_KEYS=encoded)
    assert fault.startswith("WXLOGIN_SECRET_KEYS should not repeat a key of WXLOGIN_DATA_KEYS")

    fault = fault_of(WXLOGIN_ASSERTION_KEYS=f"a1:{encoded}")
    assert fault.startswith("WXLOGIN_ASSERTION_KEYS should not repeat a key of WXLOGIN_DATA_KEYS")


def test_an_audience_of_assertions_needs_a_key_for_them() -> None:
    fault = fault_of(WXLOGIN_ASSERTION_AUDIENCE="https://api.example.com")
    assert fault == "WXLOGIN_ASSERTION_AUDIENCE needs WXLOGIN_ASSERTION_KEYS"


def test_an_alert_webhook_over_plain_http_has_to_be_said_in_so_many_words() -> None:
    url = "http://alerts.example.com/hook"
    assert fault_of(WXLOGIN_ALERT_WEBHOOK=url).startswith("WXLOGIN_ALERT_WEBHOOK should start with")
    given = {**PRODUCTION, **SECRETS, "WXLOGIN_ALERT_WEBHOOK": url, "WXLOGIN_WEBHOOK_PRIVATE": "on"}
    assert config.load(given).alert_webhook == url


def test_mail_goes_over_tls_and_to_somebody() -> None:
    plain, mail = "smtp+plain://mail.example.com", {"WXLOGIN_ALERT_EMAIL": "ops@example.com"}
    fault = fault_of(WXLOGIN_SMTP_URL=plain, **mail)
    assert fault == "WXLOGIN_SMTP_URL should start with smtps:// or smtp:// in production"
    url = "smtps://alerts%40example.com:a-p%40ssword@mail.example.com"
    together = "WXLOGIN_ALERT_EMAIL and WXLOGIN_SMTP_URL should be given together"
    assert fault_of(WXLOGIN_SMTP_URL=url) == fault_of(**mail) == together
    settings = config.load({**PRODUCTION, **SECRETS, "WXLOGIN_SMTP_URL": url, **mail})
    server = settings.smtp_url
    assert server
    assert (server.port, server.user, server.password) == (465, "alerts@example.com", "a-p@ssword")
    assert "ssword" not in repr(settings)
