"""Lines of one pass of a worker's loop: written together, each as it would have been alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import pytest

from wxlogin.guard import access_log
from wxlogin.guard.access_log import MOST_PENDING, AccessLines
from wxlogin.guard.request_context import RequestInfo


class Loop:
    """Calls back when a test says that its pass is over."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def schedule(self, call: Callable[[], None]) -> None:
        """Call back at the end of this pass."""
        self.due.append(call)

    def end_pass(self) -> None:
        """Call back."""
        due, self.due = self.due, []
        for call in due:
            call()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[logging.LogRecord]]:
    """The records of the access log."""
    found: list[logging.LogRecord] = []
    monkeypatch.setattr(access_log.logger, "handle", found.append)
    level = access_log.logger.level
    access_log.logger.setLevel(logging.INFO)
    yield found
    access_log.logger.setLevel(level)


def answered(number: int) -> RequestInfo:
    """A request that was answered."""
    return RequestInfo(
        began=time.perf_counter(),
        request_id=f"id-{number}",
        method="GET",
        path="/v1/auth",
        address="192.0.2.7",
        address_key="192.0.2.7",
        https=True,
        user=f"user-{number}",
        status=204,
    )


def fields(written: list[logging.LogRecord], name: str) -> list[object]:
    """What the records say in a field."""
    return [record.msg[name] for record in written if isinstance(record.msg, dict)]


def test_lines_of_a_pass_are_written_at_its_end_each_with_its_own_time_and_user(
    written: list[logging.LogRecord],
) -> None:
    lines, loop = AccessLines(), Loop()
    lines.write_by(loop.schedule)
    before = time.time()
    for number in range(3):
        lines.add(answered(number))
    assert not written
    after = time.time()
    loop.end_pass()
    assert fields(written, "request_id") == ["id-0", "id-1", "id-2"]
    assert fields(written, "user") == ["user-0", "user-1", "user-2"]
    assert all(before <= record.created <= after for record in written)
    lines.add(answered(3))
    loop.end_pass()
    assert fields(written, "request_id")[3:] == ["id-3"]


def test_no_more_lines_wait_than_a_few_and_none_is_written_twice(
    written: list[logging.LogRecord],
) -> None:
    lines, loop = AccessLines(), Loop()
    lines.write_by(loop.schedule)
    for number in range(MOST_PENDING + 1):
        lines.add(answered(number))
    assert len(written) == MOST_PENDING
    lines.flush()
    loop.end_pass()
    assert fields(written, "request_id") == [f"id-{number}" for number in range(MOST_PENDING + 1)]


def test_without_a_loop_a_line_is_written_at_once(written: list[logging.LogRecord]) -> None:
    AccessLines().add(answered(0))
    assert len(written) == 1
