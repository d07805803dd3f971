"""An alert in words: its counts agree with what they count."""

from __future__ import annotations

import pytest

from wxlogin.watch.webhook import Notice


def lines(count: int, logins: int = 0, failures: int = 0) -> dict[str, str]:
    """What an alert says with these numbers."""
    words = ("rule", "warning", "Title", "user", "subject")
    notice = Notice(*words, count, 600, 3, logins, failures, "2026-11-28T00:00:00Z", "Look.")
    return dict(notice.lines())


@pytest.mark.parametrize(("count", "said"), [(1, "1 time within"), (2, "2 times within")])
def test_an_alert_says_how_many_times(count: int, said: str) -> None:
    assert lines(count)["How many"].startswith(said)


@pytest.mark.parametrize(
    ("count", "users", "beside"),
    [
        (1, "1 user within", "1 login (0 a minute), 1 failure"),
        (2, "2 users within", "2 logins (0 a minute), 2 failures"),
    ],
)
def test_an_alert_says_how_many_users_and_logins(count: int, users: str, beside: str) -> None:
    said = lines(count, count, count)
    assert said["How many"].startswith(users)
    assert said["Beside"] == beside
