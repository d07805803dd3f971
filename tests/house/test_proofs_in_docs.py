"""A test that a page of docs/ names as a proof is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.source import ROOT

NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^ *def (test_\w+)", re.MULTILINE)
PAGES = ("threat-model", "asvs")


def defined() -> set[str]:
    """Every test of the project."""
    files = [*(ROOT / "tests").rglob("test_*.py")]
    return {name for file in files for name in DEFINED.findall(file.read_text(encoding="utf-8"))}


def unproven(page: Path, known: set[str]) -> list[str]:
    """The tests that a page names and nobody wrote."""
    return sorted(set(NAMED.findall(page.read_text(encoding="utf-8"))) - known)


def test_every_proof_is_there() -> None:
    known = defined()
    pages = [ROOT / "docs" / f"{name}{end}" for name in PAGES for end in (".md", ".zh-CN.md")]
    assert {page.name: unproven(page, known) for page in pages if unproven(page, known)} == {}


def test_every_attack_has_a_proof() -> None:
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8").partition("## Attacks")[2]
    rows = [line for line in text.split("\n") if line.startswith("| ")][2:]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row)] == []


def test_a_proof_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("`test_one` `test_two`")
    assert unproven(page, {"test_one"}) == ["test_two"]
