"""An alert tells once when it is over; and what Slack is told."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.test_alerts import attack, deliver
from tests.harness.receiver import KEY, Answer, Receiver
from tests.harness.site import Site
from tests.harness.watched import alerts


def quiet_for(site: Site, minutes: int) -> None:
    """Let time pass in which nothing is found, and have the site send what is due."""
    site.clock.forward(60 * minutes)
    deliver(site)


def test_an_alert_tells_once_when_it_is_over(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched(WXLOGIN_PUBLIC_URL="https://login.example.com")
    attack(site)
    deliver(site)
    quiet_for(site, 9)
    assert len(receiver.got) == 1
    quiet_for(site, 2)
    quiet_for(site, 120)
    _, over = receiver.got
    assert (over["state"], over["rule"], over["subject"]) == ("over", "fail_ip", "192.0.2.1")
    assert over["title"] == "Over: Many forged tokens or bad codes from one address"
    assert "Look on: https://login.example.com/admin/alerts?rule=fail_ip" in over["text"]
    (alert,) = alerts(site)
    assert alert.over_at is not None


def test_what_goes_on_is_not_over(watched: Callable[..., Site], receiver: Receiver) -> None:
    site = watched()
    site.clock.forward(3600 - site.clock() % 3600)
    for _ in range(4):
        attack(site)
        deliver(site)
        quiet_for(site, 8)
    assert [got["state"] for got in receiver.got] == ["raised"]
    quiet_for(site, 3)
    assert [got["state"] for got in receiver.got] == ["raised", "over"]


def test_what_goes_on_into_the_next_hour_is_over_once(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    site.clock.forward(3600 - site.clock() % 3600 + 3300)  # five minutes before an hour is over
    attack(site)
    deliver(site)
    site.clock.forward(360)
    attack(site)
    deliver(site)
    quiet_for(site, 11)
    quiet_for(site, 60)
    assert [got["state"] for got in receiver.got] == ["raised", "raised", "over"]


def test_an_end_that_is_not_taken_is_told_again(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    receiver.answers = [Answer(), Answer(500)]
    attack(site)
    deliver(site)
    quiet_for(site, 11)
    quiet_for(site, 1)
    quiet_for(site, 60)
    assert [got["state"] for got in receiver.got] == ["raised", "over", "over"]


def test_slack_gets_its_form_and_no_mention_of_anybody(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched(
        f"{receiver.base}/services/T0/B0/{KEY}", WXLOGIN_PUBLIC_URL="https://login.example.com"
    )
    receiver.answers = [Answer(200, "ok")]
    attack(site)
    deliver(site)
    (got,) = receiver.got
    assert list(got) == ["text"]
    assert got["text"].startswith("*wxlogin: Many forged tokens")
    assert "How many: 4 times within 10 min" in got["text"]
    assert "Look on: https://login.example.com/admin/alerts?rule=fail_ip" in got["text"]
    assert alerts(site)[0].delivered_at is not None
