"""Every fault that the doctor knows is caused by a test."""

from __future__ import annotations

from tests.house.source import ROOT
from wxlogin.doctor import Kind, kinds

TESTS = ("tests/doctor/*.py", "tests/deploy/*doctor*.py")


def uncaused(known: tuple[Kind, ...], text: str) -> list[str]:
    """The codes that no test names."""
    return [kind.code for kind in known if f'"{kind.code}"' not in text]


def said() -> str:
    """What the tests of the doctor say."""
    pages = [page for pattern in TESTS for page in sorted(ROOT.glob(pattern))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_every_finding_has_a_test_that_causes_it() -> None:
    assert uncaused(kinds.ALL, said()) == []


def test_a_finding_without_a_test_is_found() -> None:
    text = said().replace('"redis.evicts"', "")
    assert uncaused(kinds.ALL, text) == ["redis.evicts"]
