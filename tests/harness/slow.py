"""Tests that take long, such as those of whole deployments, failovers and browsers.

A plain `make test` leaves them out and says so. They run where somebody names tests (a path, -k or
-m), with `--slow`, and with `--nothing-skipped`, as `.ci/run` has it.
"""

from __future__ import annotations

import pytest

FOLDERS = ("tests/browser/", "tests/deploy/", "tests/docs/")
LINE = (
    "Left out: the tests of deployments, failovers, make run, browsers, fuzzed requests, other "
    "languages and the pages' commands. "
    "make test ARGS=--slow runs all."
)


def are_left_out(config: pytest.Config) -> bool:
    """Return whether this run leaves the slow tests out; the processes of a run ask its first."""
    if hasattr(config, "workerinput"):
        return bool(config.workerinput["slow_left_out"])
    options = config.option
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return not (named or options.keyword or options.markexpr or _asked_for(config))


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take the slow tests out of a run."""
    slow = [item for item in items if is_slow(item)]
    items[:] = [item for item in items if not is_slow(item)]
    config.hook.pytest_deselected(items=slow)


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test is one of these, by its folder or by its mark."""
    return item.nodeid.startswith(FOLDERS) or item.get_closest_marker("slow") is not None


def _asked_for(config: pytest.Config) -> bool:
    return bool(config.getoption("--slow") or config.getoption("--nothing-skipped"))
