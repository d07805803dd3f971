"""Lines of one pass of a worker's loop: written together, each as it would have been alone."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.contextvars import bind_contextvars, clear_contextvars

from wxlogin.guard import access_log
from wxlogin.guard.access_log import MOST_PENDING, AccessLines
from wxlogin.guard.request_context import RequestInfo
from wxlogin.logs.structured import line_formatter


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
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """The lines of the access log, as they are written."""
    found: list[dict[str, Any]] = []
    formatter = line_formatter(readable=False)
    monkeypatch.setattr(
        access_log.logger, "handle", lambda one: found.append(json.loads(formatter.format(one)))
    )
    level = access_log.logger.level
    access_log.logger.setLevel(logging.INFO)
    yield found
    access_log.logger.setLevel(level)


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a second pass between one answer and the next."""
    seconds = (1_700_000_000.0 + n for n in range(3))
    monkeypatch.setattr(access_log, "time", SimpleNamespace(time=seconds.__next__))
    yield
    clear_contextvars()


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


@pytest.mark.usefixtures("moments")
def test_lines_of_a_pass_are_written_at_its_end_each_with_its_own_time_and_user(
    written: list[dict[str, Any]],
) -> None:
    lines, loop = AccessLines(), Loop()
    lines.write_by(loop.schedule)
    for number in range(2):
        lines.add(answered(number))
    assert not written
    # Whoever ends the pass is somebody else's request.
    bind_contextvars(app="wx1", user="nobody", request_id="of-nobody")
    loop.end_pass()
    assert [line["request_id"] for line in written] == ["id-0", "id-1"]
    assert [line["user"] for line in written] == ["user-0", "user-1"]
    assert [line["time"] for line in written] == [
        "2023-11-14T22:13:20.000Z",
        "2023-11-14T22:13:21.000Z",
    ]
    assert not [line for line in written if "app" in line]
    lines.add(answered(2))
    loop.end_pass()
    assert [line["request_id"] for line in written][2:] == ["id-2"]


def test_no_more_lines_wait_than_a_few_and_none_is_written_twice(
    written: list[dict[str, Any]],
) -> None:
    lines, loop = AccessLines(), Loop()
    lines.write_by(loop.schedule)
    for number in range(MOST_PENDING + 1):
        lines.add(answered(number))
    assert len(written) == MOST_PENDING
    lines.flush()
    loop.end_pass()
    assert [line["request_id"] for line in written] == [f"id-{n}" for n in range(MOST_PENDING + 1)]


def test_without_a_loop_a_line_is_written_at_once(written: list[dict[str, Any]]) -> None:
    AccessLines().add(answered(0))
    assert len(written) == 1
