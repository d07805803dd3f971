"""The order in which the processes of a run take the tests: the longest groups first.

A group is a file, or what a mark `xdist_group` names; one process takes all of it, so that what
its tests share is started once. The last groups are short ones, so the processes end together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

DURATIONS = Path(__file__).parents[1] / "durations.txt"
"""A line for each group: its seconds in an earlier run, and its name; short groups have none."""
LEAST_SECONDS = 3.0


def group_of(item: pytest.Item) -> str:
    """Return the name of the test's group."""
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else item.location[0]


def arrange(items: list[pytest.Item]) -> None:
    """Mark every test with its group, and sort the groups."""
    seconds = _recorded()
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    # A machine is booted before other tests have left anything in the process that boots it.
    items.sort(
        key=lambda item: (
            item.get_closest_marker("machine") is None,
            -seconds.get(group_of(item), 0.0),
        )
    )


class Recorder:
    """Adds up how long the groups of this run take."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one phase of one test."""
        path, _, group = report.nodeid.partition("@")
        self._seconds[group or path.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Keep the durations of groups that take long enough for their order to matter."""
        lines = [
            f"{seconds:.0f} {group}\n"
            for group, seconds in self._seconds.most_common()
            if seconds >= LEAST_SECONDS
        ]
        DURATIONS.write_text("".join(lines), encoding="utf-8")


def _recorded() -> dict[str, float]:
    lines: Sequence[str] = DURATIONS.read_text(encoding="utf-8").splitlines()
    return {group: float(seconds) for seconds, _, group in (line.partition(" ") for line in lines)}
