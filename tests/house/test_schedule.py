"""One process takes all tests of a group: what they share is started once."""

from __future__ import annotations

import re

import pytest
from xdist.remote import Producer

from tests.harness.schedule import FOLDERS, MACHINES, Groups, group_of
from tests.house.source import ROOT

BOOTS = re.compile(r"^pytestmark = pytest\.mark\.machine$", re.MULTILINE)


def test_a_file_is_a_group_whatever_its_tests_are_called() -> None:
    names = ("test_one", "test_two[a::b@c]", "TestThree::test_four[tests/x.py::y]")
    assert {group_of(f"tests/unit/test_a.py::{name}") for name in names} == {"tests/unit/test_a.py"}


def test_a_part_of_a_page_is_a_group() -> None:
    test = "tests/docs/test_pages.py::test_the_page_runs_as_it_stands"
    assert group_of(f"{test}[docs/incidents.md-1]") == "docs/incidents.md 1"


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_dear_to_begin_with_is_begun_once_for_a_folder(folder: str) -> None:
    files = (ROOT / folder).rglob("test_*.py")
    names = {f"{file.relative_to(ROOT).as_posix()}::test_any" for file in files}
    assert len(names) > 1
    assert {group_of(name) for name in names} == {folder}


def test_what_boots_a_machine_is_one_group() -> None:
    files = (ROOT / "tests/deploy").rglob("test_*.py")
    booting = [file for file in files if BOOTS.search(file.read_text(encoding="utf-8"))]
    assert sorted(MACHINES) == sorted(file.relative_to(ROOT).as_posix() for file in booting)
    assert {group_of(f"{file}::test_any") for file in MACHINES} == {"machine"}


def test_the_scheduler_goes_by_these_groups(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "tx", ["2*popen"])
    hook = pytestconfig.hook.pytest_xdist_make_scheduler
    groups = hook(config=pytestconfig, log=Producer("test"))
    assert isinstance(groups, Groups)
    assert groups._split_scope("tests/unit/test_a.py::test_one[x]") == "tests/unit/test_a.py"
