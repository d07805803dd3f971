"""The order in which the processes of a run take the tests: the longest groups first.

A group is a file, a whole folder, a part of a page, or all that boots a machine; one process takes
all of it, so that what its tests share is started once. The last groups are short ones, so the
processes end together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

DURATIONS = Path(__file__).parents[1] / "durations.txt"
"""A line for each group: its seconds in an earlier run, and its name; short groups have none."""
LEAST_SECONDS = 3.0
PART = re.compile(r"tests/docs/test_pages\.py::test_the_page_runs_as_it_stands\[(.+)-(\d+)\]")
"""A part of a page takes as long as a file."""
FOLDERS = ("tests/client/", "tests/house/")
"""What the client is built with is installed once, and what the house looks at parsed once."""
MACHINES = tuple(
    f"tests/deploy/test_{name}.py" for name in ("backup_page", "deploy_page", "env_file")
)
"""What boots a machine, which has ports of this one to itself."""


class Groups(LoadScopeScheduling):
    """Gives each process whole groups.

    xdist's own `loadgroup` writes the group into an attribute that pytest 9.2 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the name of a test's group."""
    if part := PART.fullmatch(nodeid):
        return f"{part[1]} {part[2]}"
    file = nodeid.partition("::")[0]
    if folder := next(filter(file.startswith, FOLDERS), None):
        return folder
    return "machine" if file in MACHINES else file


def arrange(items: list[pytest.Item]) -> None:
    """Sort the groups."""
    seconds = _recorded()
    # A machine is booted before other tests have left anything in the process that boots it.
    items.sort(
        key=lambda item: (
            item.get_closest_marker("machine") is None,
            -seconds.get(group_of(item.nodeid), 0.0),
        )
    )


class Recorder:
    """Adds up how long the groups of this run take."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one phase of one test."""
        self._seconds[group_of(report.nodeid)] += report.duration

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
