"""Tests that take long, such as those of whole deployments, failovers and browsers.

A plain `make test` leaves them out and says so. They run where somebody names tests (a path, -k or
-m), and with `--slow`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

FOLDERS = ("tests/browser/", "tests/deploy/", "tests/docs/")
LINE = (
    "Left out: the tests of deployments, failovers, make run, browsers, fuzzed requests, other "
    "languages and the pages' commands. "
    "make test ARGS=--slow runs all."
)


def mark(items: Iterable[pytest.Item]) -> None:
    """Mark the tests of some folders as slow; others say so themselves."""
    for item in items:
        if item.nodeid.startswith(FOLDERS):
            item.add_marker("slow")


def are_left_out(config: pytest.Config) -> bool:
    """Return whether this run leaves the slow tests out; the processes of a run ask its first."""
    if hasattr(config, "workerinput"):
        return bool(config.workerinput["slow_left_out"])
    options = config.option
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return not (named or options.keyword or options.markexpr or config.getoption("--slow"))


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the slow tests out of a run."""
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if not item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
