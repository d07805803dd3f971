"""What the doctor finds of the alert webhook and of this machine."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.patient import of_site
from tests.harness.raw_server import RawServer, reply
from tests.harness.receiver import KEY, Answer, Receiver
from tests.harness.site import Site

MEGABYTE = 1_000_000


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of alerts."""
    with Receiver() as running:
        yield running


def test_without_a_webhook_nobody_is_told(site: Site) -> None:
    assert list(of_site("alerts", site)) == ["alerts.no_webhook"]


def test_a_robot_that_is_there_gets_no_message(site: Site, receiver: Receiver) -> None:
    receiver.answers.append(Answer(body='{"errcode": 40008, "errmsg": "invalid message type"}'))
    assert list(of_site("alerts", site, alert_webhook=receiver.robot)) == ["ok"]
    assert receiver.got == [{}]


@pytest.mark.parametrize(
    "answer",
    [Answer(body='{"errcode": 93000, "errmsg": "invalid webhook url"}'), Answer(404, "no")],
)
def test_a_robot_that_is_not_there_is_named_without_its_key(
    site: Site, receiver: Receiver, answer: Answer
) -> None:
    receiver.answers.append(answer)
    found = of_site("alerts", site, alert_webhook=receiver.robot)["alerts.webhook_silent"]
    assert KEY not in str(found.say("en"))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", "ok"),
        ("405 Method Not Allowed", "ok"),
        ("501 Not Implemented", "ok"),
        ("404 Not Found", "alerts.webhook_silent"),
        ("302 Found", "alerts.webhook_silent"),
        ("503 Service Unavailable", "alerts.webhook_silent"),
    ],
)
def test_another_webhook_is_judged_by_its_status(site: Site, status: str, code: str) -> None:
    with RawServer(reply(b"", status)) as strange:
        assert list(of_site("alerts", site, alert_webhook=f"{strange.base}/a")) == [code]
    assert strange.requests[0].startswith(b"HEAD /a ")


def test_a_webhook_that_production_does_not_post_to_is_named(
    site: Site, receiver: Receiver
) -> None:
    for private, codes in ((False, ["alerts.webhook_silent"]), (True, ["ok"])):
        receiver.answers.append(Answer(body='{"errcode": 40008}'))
        found = of_site(
            "alerts",
            site,
            alert_webhook=receiver.robot,
            env="production",
            webhook_private=private,
        )
        assert list(found) == codes


def test_a_webhook_that_nobody_serves_is_named(site: Site) -> None:
    found = of_site("alerts", site, alert_webhook="http://127.0.0.1:9/x")
    assert list(found) == ["alerts.webhook_silent"]


@pytest.mark.parametrize(
    ("free", "codes"),
    [
        (100_000, ["ok"]),
        (900, ["machine.disk_low"]),
        (9, ["machine.disk_full"]),
    ],
)
def test_a_disk_that_is_full_is_named(
    site: Site, monkeypatch: pytest.MonkeyPatch, free: int, codes: list[str]
) -> None:
    total = 200_000 * MEGABYTE
    usage = type(shutil.disk_usage("."))(total, total - free * MEGABYTE, free * MEGABYTE)

    def said(_directory: Any) -> Any:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", said)
    assert list(of_site("machine", site)) == codes


def test_too_few_files_are_named(site: Site) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        found = of_site("machine", site)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "machine.few_files" in found
    assert "1024" in found["machine.few_files"].say("en").what
