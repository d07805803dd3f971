"""A button of the console that a page names is there, by its label in the page's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po

from tests.house.source import ROOT

CATALOGUE = ROOT / "wxlogin/admin/console/translations/zh.po"
PRESSED = re.compile(r"\*\*([^*]+ › [^*]+)\*\*")
"""`**Users › Ban**`: a page, and what is pressed on it."""


def labels() -> Mapping[str, str]:
    """What the console says in English, and in Chinese."""
    with CATALOGUE.open("rb") as lines:
        messages = list(read_po(lines, locale="zh"))
    return {one.id: str(one.string) for one in messages if one.id and isinstance(one.id, str)}


def missing(page: Path) -> list[str]:
    """The paths of a page whose labels the console does not have."""
    known = labels()
    there = set(known.values()) if page.name.endswith(".zh-CN.md") else set(known)
    paths = PRESSED.findall(page.read_text(encoding="utf-8"))
    return [path for path in paths if not there.issuperset(path.split(" › "))]


def test_every_button_that_a_page_names_is_there() -> None:
    pages = sorted((ROOT / "docs").glob("*.md"))
    assert [f"{page.name}: {path}" for page in pages for path in missing(page)] == []


def test_both_languages_name_the_same_buttons() -> None:
    known = labels()
    english, chinese = (
        [path.split(" › ") for path in PRESSED.findall((ROOT / name).read_text(encoding="utf-8"))]
        for name in ("docs/incidents.md", "docs/incidents.zh-CN.md")
    )
    assert [[known[label] for label in path] for path in english] == chinese


def test_a_button_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("**Users › Ban** and **Users › Bann**")
    assert missing(page) == ["Users › Bann"]
