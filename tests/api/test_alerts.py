"""Alerts on their way: once a rule, subject and hour, to whom the settings name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.harness.receiver import KEY, Answer, Receiver
from tests.harness.site import Site
from tests.harness.timing import eventually
from tests.harness.watched import alerts
from wxlogin.watch.alerts import MAX_ATTEMPTS, MAX_SUBJECTS

FORGED = {"Authorization": "Bearer wxs_" + "A" * 108}
RULE = {"WXLOGIN_RULE_FAIL_IP": "3/10minutes", "WXLOGIN_TRUSTED_HOPS": "1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the alerts go."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def watched(receiver: Receiver, make_site: Callable[..., Site]) -> Callable[..., Site]:
    """Starts servers that post to the receiver; nobody else may learn its address."""

    def make(url: str = "", **settings: str) -> Site:
        site = make_site(WXLOGIN_ALERT_WEBHOOK=url or receiver.url, **{**RULE, **settings})
        site.secrets.add(KEY)
        return site

    return make


def attack(site: Site, address: str = "192.0.2.1") -> None:
    """Enough forged tokens for an alert."""
    for _ in range(4):
        site.request("GET", "/v1/session", headers={**FORGED, "X-Forwarded-For": address})
    alerts(site)


def deliver(site: Site) -> None:
    """Have the site post what is due."""
    site.app.extensions["wxlogin"].watch.recorder.alerts.deliver()


def test_an_alert_says_what_who_how_many_and_what_to_do(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    attack(site)
    deliver(site)
    (got,) = receiver.got
    text = got.pop("text")
    assert got == {
        "rule": "fail_ip",
        "severity": "warning",
        "title": "Many forged tokens or bad codes from one address",
        "subject_kind": "address",
        "subject": "192.0.2.1",
        "count": 4,
        "window": 600,
        "threshold": 3,
        "logins": 0,
        "failures": 0,
        "at": got["at"],
        "advice": got["advice"],
    }
    assert "Who: address `192.0.2.1`" in text
    assert "How many: 4 times within 10 min; the alert is at more than 3" in text
    assert "What to do: Block the address" in text


def test_a_robot_gets_markdown(watched: Callable[..., Site], receiver: Receiver) -> None:
    site = watched(receiver.robot)
    attack(site)
    deliver(site)
    (got,) = receiver.got
    assert got["msgtype"] == "markdown"
    content = got["markdown"]["content"]
    assert "Many forged tokens or bad codes from one address" in content
    assert "> Who: address `192.0.2.1`" in content
    assert len(content.encode()) < 4096


def test_an_alert_is_posted_by_a_thread_of_its_own(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    attack(watched())
    eventually(lambda: receiver.got)


def test_two_workers_post_it_once(watched: Callable[..., Site], receiver: Receiver) -> None:
    sites = [watched(), watched()]
    for _ in range(3):
        for site in sites:
            attack(site)
            deliver(site)
    assert len(receiver.got) == 1
    sites[0].clock.forward(3600)
    for site in sites:
        attack(site)
    for site in sites:
        deliver(site)
    assert len(receiver.got) == 2


def test_each_subject_has_its_alert(watched: Callable[..., Site], receiver: Receiver) -> None:
    site = watched()
    for n in range(3):
        attack(site, f"192.0.2.{n}")
    deliver(site)
    assert {got["subject"] for got in receiver.got} == {f"192.0.2.{n}" for n in range(3)}


def test_a_flood_of_subjects_is_no_flood_of_messages(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched()
    for n in range(MAX_SUBJECTS + 5):
        attack(site, f"192.0.2.{n}")
    deliver(site)
    assert len(receiver.got) == MAX_SUBJECTS + 1
    assert receiver.got[-1]["subject"] == "others"


def test_a_subject_that_another_worker_raised_is_none_of_the_others(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    first, second = watched(), watched()
    for n in range(MAX_SUBJECTS):
        attack(first, f"192.0.2.{n}")
    attack(second, "192.0.2.0")
    deliver(second)
    assert len(receiver.got) == MAX_SUBJECTS
    assert "others" not in {got["subject"] for got in receiver.got}


@pytest.mark.parametrize(
    "refusal",
    [
        Answer(500),
        Answer(404),
        Answer(302, location="http://127.0.0.1:1/"),
        Answer(200, '{"errcode": 45009}'),
        Answer(200, "<html>"),
        Answer(200, '{"errcode": null}'),
        Answer(200, '{"errcode": 1e999}'),
        Answer(200, "[" * 4000),
    ],
    ids=["500", "404", "a redirect", "over its limit", "no JSON", "null", "no number", "nested"],
)
def test_what_is_not_taken_is_posted_again(
    watched: Callable[..., Site], receiver: Receiver, refusal: Answer
) -> None:
    site = watched(receiver.robot)
    receiver.answers = [refusal, refusal]
    attack(site)
    deliver(site)
    for seconds, posts in ((9, 1), (1, 2), (19, 2), (1, 3), (3600, 3)):
        site.clock.forward(seconds)
        deliver(site)
        assert len(receiver.got) == posts
    assert alerts(site)[0].delivered_at is not None


def test_another_worker_goes_on_with_what_one_left(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    first, second = watched(), watched()
    receiver.answers = [Answer(500)]
    attack(first)
    deliver(first)
    first.app.extensions["wxlogin"].watch.recorder.stop()
    second.clock.forward(10)
    deliver(second)
    assert len(receiver.got) == 2


def test_a_receiver_that_never_takes_it_is_given_up(
    watched: Callable[..., Site], receiver: Receiver
) -> None:
    site = watched("http://127.0.0.1:1/alerts?key=" + KEY)
    attack(site)
    for _ in range(MAX_ATTEMPTS + 5):
        deliver(site)
        site.clock.forward(7200)
    (alert,) = alerts(site)
    assert (alert.attempts, alert.next_at, alert.delivered_at) == (MAX_ATTEMPTS, None, None)


def test_without_a_webhook_an_alert_is_written_down_alone(make_site: Callable[..., Site]) -> None:
    site = make_site(**RULE)
    attack(site)
    (alert,) = alerts(site)
    assert (alert.rule, alert.next_at) == ("fail_ip", None)
