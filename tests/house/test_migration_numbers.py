"""Migrations follow one another, each with the next number."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.source import ROOT

TEMPLATE = "revision = {0!r}\ndown_revision = {1!r}\nbranch_labels = depends_on = None\n"


@pytest.fixture(scope="module")
def fault() -> Callable[[Path], str]:
    """What the writer of migrations finds wrong with those that are there."""
    made: Callable[[Path], str] = runpy.run_path(str(ROOT / "migrations/make.py"))["fault"]
    return made


def written(folder: Path, **migrations: str) -> Path:
    """A folder of migrations: `m0002_b="0001"` follows 0001."""
    (folder / "versions").mkdir()
    for name, follows in migrations.items():
        path = folder / "versions" / f"{name[1:]}.py"
        path.write_text(TEMPLATE.format(name[1:5] if name[5] == "_" else name[1:], follows or None))
    return folder


def test_there_is_a_next_number(fault: Callable[[Path], str]) -> None:
    assert fault(ROOT / "migrations") == ""
    names = sorted(path.name[:5] for path in ROOT.glob("migrations/versions/0*.py"))
    assert names == [f"{number:04}_" for number in range(1, len(names) + 1)]


def test_a_number_that_was_given_twice_is_found(
    fault: Callable[[Path], str], tmp_path: Path
) -> None:
    written(tmp_path, m0001_a="", m0002_b="0001", m0002_c="0001")
    assert fault(tmp_path) == "Two migrations have the number 0002; give the younger one the next."


def test_two_that_follow_the_same_one_are_found(
    fault: Callable[[Path], str], tmp_path: Path
) -> None:
    written(tmp_path, m0001_a="", m0002_b="0001", m0003_c="0001")
    assert fault(tmp_path) == "0002 and 0003 follow the same migration; let one follow the other."


def test_a_migration_says_what_it_does() -> None:
    done = subprocess.run(
        [sys.executable, "migrations/make.py", ""],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Say what it does: make migration NAME=")


def test_make_hands_the_name_of_a_migration_on() -> None:
    # A dry run: make itself would first install what the lock files name.
    command = ["make", "--no-print-directory", "--dry-run", "migration", "NAME=what it does"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 'migrations/make.py "what it does"' in shown
