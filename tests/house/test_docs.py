"""The docs are fresh, their links lead somewhere, and both READMEs say the same."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

from tests.harness.doc_pages import every_page, prose, written
from tests.house.catalogue import rows
from tests.house.source import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile(r"(?<![A-Za-z0-9_])(?:SCALE|TODO|TBD|XXX+|FIXME|HACK)(?![A-Za-z0-9_])")
HEADS = "docs/heads"
"""Parts of pages; their links are meant from docs/, where the pages stand."""


def outside(page: Path) -> str:
    """A page's text less its fenced blocks."""
    return "\n".join(line for _, line in prose(page))


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`: the headings, as the hosts of repositories write them."""
    headings = re.findall(r"^#+ (.+)$", outside(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    """Whether a relative link names a page or a heading that is not there."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def placeholders(root: Path) -> list[str]:
    """Words of pages that somebody meant to replace, also in blocks."""
    return [
        f"{page.name}: {word}"
        for page in every_page(root)
        for word in PLACEHOLDER.findall(page.read_text(encoding="utf-8"))
    ]


def dead_links(root: Path) -> list[str]:
    """Relative links that lead nowhere."""
    dead = []
    for page in every_page(root):
        links = [link for link in LINK.findall(outside(page)) if "://" not in link]
        dead += [f"{page.name}: {link}" for link in links if leads_nowhere(page, link)]
    return dead


def named(readme: str) -> set[str]:
    """The settings, error codes, calls and paths of the project that a README names."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    codes = {row.code for row in rows() if f"`{row.code}`" in text}
    calls = set(re.findall(r"`((?:GET|POST|DELETE) [^`]+)`", text))
    targets = {link.replace(".zh-CN.md", ".md") for link in LINK.findall(text)} - {"README.md"}
    targets = {target for target in targets if not target.endswith(".png")}
    return codes | calls | targets | set(re.findall(r"WXLOGIN_[A-Z_]+", text))


def blocks(readme: str) -> list[str]:
    """The commands and the JavaScript of a README, without comments and the picture."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    found = re.findall(r"^```(?:sh|js)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [re.sub(r" +(#|//) .*", "", block) for block in found]


def test_pages_from_the_code_are_fresh() -> None:
    command = [sys.executable, "docs/make.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    make = runpy.run_path(str(ROOT / "docs/make.py"))
    make["write"](tmp_path)
    assert make["stale"](tmp_path) == []
    (tmp_path / "errors.md").write_text("# Errors\n")
    (tmp_path / "redis.md").unlink()
    assert make["stale"](tmp_path) == ["errors.md", "redis.md"]


def test_every_head_has_a_page() -> None:
    heads = {head.name for head in (ROOT / HEADS).iterdir()}
    assert heads == set(runpy.run_path(str(ROOT / "docs/make.py"))["PAGES"])


def test_links_lead_somewhere() -> None:
    assert dead_links(ROOT) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    links = "[a](README.md#a-b) [b](docs/b.md) [c](https://example.com) [d](#c)"
    (tmp_path / "README.md").write_text(f"# A, b\n{links}\n")
    assert dead_links(tmp_path) == ["README.md: docs/b.md", "README.md: #c"]


def test_no_page_has_a_placeholder() -> None:
    assert placeholders(ROOT) == []


def test_a_placeholder_is_found(tmp_path: Path) -> None:
    text = (
        "It takes SCALE minutes.\n```sh\nrun --for TODO\n```\n约XXX行, WXLOGIN_SCALE, autoscale\n"
    )
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    found = [f"README.md: {word}" for word in ("SCALE", "TODO", "XXX")]
    assert placeholders(tmp_path) == found


def test_a_scanning_page_of_one_s_own_has_30_lines() -> None:
    for language in ("", ".zh-CN"):
        _, own = written(ROOT / f"docs/scan{language}.md", "html")
        assert own.text.count("\n") <= 30


def test_a_readme_is_a_screen_or_two() -> None:
    for readme in ("README.md", "README.zh-CN.md"):
        assert (ROOT / readme).read_text(encoding="utf-8").count("\n") < 80


def test_both_readmes_name_the_same() -> None:
    assert named("README.md")
    assert named("README.md") == named("README.zh-CN.md")


def test_both_readmes_show_the_same_commands() -> None:
    assert len(blocks("README.md")) == 3
    assert blocks("README.md") == blocks("README.zh-CN.md")
