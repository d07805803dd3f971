"""An alert in words: its counts agree with what they count, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from wxlogin.languages import Language
from wxlogin.watch.alert_rules import RULES
from wxlogin.watch.alert_words import CHINESE, SUBJECT_KINDS, Notice, lines, rule_words

AT = datetime(2026, 11, 28, 16, 0, 5, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def said(
    count: int, logins: int = 0, failures: int = 0, language: Language = "en", window: int = 600
) -> dict[str, str]:
    """What an alert says with these numbers."""
    console = "https://login.example.com/admin/events"
    notice = Notice("openids_ip", "192.0.2.1", count, window, 3, logins, failures, AT, console)
    return dict(lines(notice, language, SHANGHAI))


@pytest.mark.parametrize(("count", "times"), [(1, "1 time within"), (2, "2 times within")])
def test_an_alert_says_how_many_times(count: int, times: str) -> None:
    assert said(count)["How many"].startswith(times)


@pytest.mark.parametrize(
    ("count", "users", "beside"),
    [
        (1, "1 user within", "1 login (0 a minute), 1 failure"),
        (2, "2 users within", "2 logins (0 a minute), 2 failures"),
    ],
)
def test_an_alert_says_how_many_users_and_logins(count: int, users: str, beside: str) -> None:
    english = said(count, count, count)
    assert english["How many"].startswith(users)
    assert english["Beside"] == beside


def test_an_alert_in_chinese_says_the_same_in_local_time_with_the_link() -> None:
    assert said(4, 40, 2, "zh") == {
        "对象": "地址 `192.0.2.1`",
        "数量": "4 个用户（10 分钟内，超过 3 个用户即告警）",
        "同期": "登录 40 次（每分钟 4 次），失败 2 次",
        "时间": "2026-11-29 00:00:05 UTC+08:00",
        "处理": CHINESE["openids_ip"].advice,
        "查看": "https://login.example.com/admin/events",
    }
    assert said(1, language="zh", window=0)["数量"] == "1 次"


def test_every_rule_and_kind_of_subject_has_words_in_chinese() -> None:
    assert set(CHINESE) == {rule.name for rule in RULES}
    assert set(SUBJECT_KINDS) >= {rule.subject_kind for rule in RULES}
    for rule in RULES:
        assert all(rule_words(rule.name, "zh"))
