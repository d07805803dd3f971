"""`flask purge`: what is old goes, what is not stays, and it may be stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select

from tests.harness.command_line import CommandLine
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.watched import events
from wxlogin.extensions import Base, db
from wxlogin.models import Alert, LoginRecord, SecurityEvent
from wxlogin.watch import retention

DAY = 86_400


@pytest.fixture
def command(site: Site) -> CommandLine:
    """`flask purge` on the site's stores."""
    return CommandLine(site, "purge")


def count(site: Site, *models: type[Base]) -> list[int]:
    """How many rows the tables have."""
    events(site)
    with site.app.app_context():
        return [db.session.scalar(select(func.count()).select_from(m)) or 0 for m in models]


def alert(site: Site, subject: str, *, open_: bool) -> None:
    """An alert of this moment, delivered or still to be posted."""
    now = datetime.fromtimestamp(site.clock(), UTC)
    with site.app.app_context(), db.engine.begin() as connection:
        row = {"rule": "fail_ip", "subject": subject, "hour": 1, "at": now, "attempts": 1}
        done = {"next_at": now} if open_ else {"delivered_at": now}
        connection.execute(insert(Alert).values(detail="{}", **row, **done))


def many_events(site: Site, number: int) -> None:
    """Events of this moment."""
    now = datetime.fromtimestamp(site.clock(), UTC)
    row = {"kind": "token.forged", "minute": 1, "address": "", "request_id": "", "count": 1}
    rows = [
        {**row, "subject": str(n), "first_at": now, "last_at": now, "detail": "{}"}
        for n in range(number)
    ]
    with site.app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(SecurityEvent), rows)


@pytest.mark.settings(WXLOGIN_RETENTION_DAYS="30", WXLOGIN_SESSION_MAX_AGE="31536000")
def test_what_is_older_than_the_setting_is_removed(
    site: Site, phone: Phone, command: CommandLine
) -> None:
    phone.login()
    alert(site, "delivered", open_=False)
    alert(site, "open", open_=True)
    site.clock.forward(31 * DAY)
    Phone(site, "bob").login()
    alert(site, "young", open_=True)
    assert count(site, SecurityEvent, LoginRecord, Alert) == [2, 2, 3]
    told = command.done()
    assert "Removed: 1 event, 1 login, 0 session ends, 2 alerts," in told
    assert "older than 30 days" in told
    assert count(site, SecurityEvent, LoginRecord, Alert) == [1, 1, 1]
    assert "Removed: 0 events, 0 logins, 0 session ends, 0 alerts," in command.done()


def test_what_is_younger_stays(site: Site, phone: Phone, command: CommandLine) -> None:
    phone.login()
    site.clock.forward(179 * DAY)
    assert "Removed: 0 events" in command.done()
    assert count(site, SecurityEvent, LoginRecord) == [1, 1]


@pytest.mark.parametrize("stopped_after", [1, 3])
def test_a_purge_that_is_stopped_says_how_far_it_came_and_goes_on_the_next_time(
    site: Site, command: CommandLine, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    many_events(site, 50)
    site.clock.forward(200 * DAY)
    monkeypatch.setattr(retention, "BATCH", 10)
    remove = retention._remove
    monkeypatch.setattr(retention, "_remove", interrupted(remove, stopped_after))
    told = command.refused()
    assert f"Stopped. Removed: {stopped_after * 10} events." in told
    assert "Run it again for the rest." in told
    assert count(site, SecurityEvent) == [50 - stopped_after * 10]
    monkeypatch.setattr(retention, "_remove", remove)
    assert f"Removed: {50 - stopped_after * 10} events" in command.done()


def interrupted(work: Callable[..., int], after: int) -> Callable[..., int]:
    """Work that Ctrl-C meets after so many batches."""
    left = iter(range(after))

    def step(*args: object) -> int:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return work(*args)

    return step
