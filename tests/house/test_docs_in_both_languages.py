"""Every page of docs/ is there in English and in Chinese, and what is made of the code in both."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from docs.tables.chinese import words
from docs.tables.errcodes import ERRCODES
from tests.harness.doc_pages import every_page, prose
from tests.house.source import ROOT
from wxlogin.sandbox.errcodes import ERRMSG
from wxlogin.wechat.errcodes import KNOWN

CHINESE = ".zh-CN.md"
HAN = re.compile(r"[\u4e00-\u9fff]")
ROW = re.compile(r"^\|", re.MULTILINE)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)


def alone(root: Path) -> list[str]:
    """Pages without their twin in the other language."""
    names = {page.name for page in root.glob("docs/*.md")}
    return sorted(name for name in names if twin(name) not in names)


def twin(name: str) -> str:
    """The name of the same page in the other language."""
    if name.endswith(CHINESE):
        return f"{name.removesuffix(CHINESE)}.md"
    return f"{name.removesuffix('.md')}{CHINESE}"


def english_links(root: Path) -> list[str]:
    """Links of Chinese pages to English ones that are there in Chinese, but for their own twin."""
    pages = [*every_page(root), *root.glob("miniprogram/*.md")]
    return [
        f"{page.name}: {link}"
        for page in pages
        if page.name.endswith(CHINESE)
        for link in LINK.findall("\n".join(line for _, line in prose(page)))
        if is_english(page, link)
    ]


def is_english(page: Path, link: str) -> bool:
    """Whether a Chinese page links to an English one though the Chinese one is there."""
    if "://" in link or link.endswith(CHINESE) or not link.endswith(".md"):
        return False
    target = (page.parent / link).resolve()
    own = page.with_name(twin(page.name)).resolve()
    return target != own and target.with_name(twin(target.name)).exists()


def made() -> tuple[set[str], set[str]]:
    """The texts of the code that pages want in Chinese, and those that have none."""
    make = runpy.run_path(str(ROOT / "docs/make.py"))
    make["pages"]()
    return make["chinese"].used, make["chinese"].missing


def text(name: str) -> str:
    """A page without its blocks."""
    return FENCED.sub("", (ROOT / "docs" / name).read_text(encoding="utf-8"))


def english() -> list[str]:
    """The pages in English that have a twin."""
    names = sorted(page.name for page in (ROOT / "docs").glob("*.md"))
    return [n for n in names if not n.endswith(CHINESE) and (ROOT / "docs" / twin(n)).exists()]


# The console's page is written anew elsewhere; its Chinese comes with that.
COMING = {"console.md"}


def test_every_page_has_its_twin() -> None:
    assert set(alone(ROOT)) - COMING == set()


def test_twins_have_the_same_sections_and_as_many_rows() -> None:
    for name in english():
        here, there = text(name), text(twin(name))
        assert HEADING.findall(here) == HEADING.findall(there), name
        assert len(ROW.findall(here)) == len(ROW.findall(there)), name


def test_every_text_of_the_code_has_its_chinese_and_no_other_stands_there() -> None:
    used, missing = made()
    assert sorted(missing) == []
    assert set(words()) - used == set()


def test_every_errcode_that_the_program_knows_is_explained() -> None:
    assert (set(KNOWN) | set(ERRMSG)) - {0} == set(ERRCODES)
    assert all(HAN.search(said) for row in ERRCODES.values() for said in row.zh)


def test_a_page_without_its_twin_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a.md", "a.zh-CN.md", "b.md", "c.zh-CN.md"):
        (tmp_path / "docs" / name).touch()
    assert alone(tmp_path) == ["b.md", "c.zh-CN.md"]


def test_a_chinese_page_links_to_chinese_pages() -> None:
    assert english_links(ROOT) == []


def test_an_english_link_of_a_chinese_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a.md", "b.md", "b.zh-CN.md", "c.md"):
        (tmp_path / "docs" / name).touch()
    links = "[own](a.md) [b](b.md#x) [b](b.zh-CN.md) [c](c.md) [d](https://example.com/b.md)"
    (tmp_path / "docs/a.zh-CN.md").write_text(links, encoding="utf-8")
    assert english_links(tmp_path) == ["a.zh-CN.md: b.md"]
