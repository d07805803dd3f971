"""A probe of a store that may hang."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.harness.timing import eventually
from wxlogin.watch import readiness
from wxlogin.watch.readiness import _Probe

HUNG = ("out", "it hangs")


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets the hanging checks end; set when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_hangs_is_not_waited_for_beyond_the_timeout(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "TIMEOUT_SECONDS", 0.0)
    runs = []

    def check() -> tuple[str, str]:
        runs.append(1)
        release.wait()
        return "ok", ""

    probe = _Probe[str](check, HUNG)
    for _ in range(3):
        probe.start()
        assert probe.result() == HUNG
    eventually(lambda: runs == [1])  # a check that hangs is not started again


def test_the_result_of_a_check_is_returned() -> None:
    probe = _Probe[str](lambda: ("ok", ""), HUNG)
    probe.start()
    assert probe.result() == ("ok", "")


def test_a_check_that_raises_counts_as_one_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    def check() -> tuple[str, str]:
        raise KeyError

    probe = _Probe[str](check, HUNG)
    probe.start()
    assert probe.result() == HUNG
    assert "a probe failed" in caplog.text
