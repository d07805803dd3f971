"""The pages of the documentation: their fenced blocks, and what stands around those."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.house.source import ROOT

RUN = ("sh", "js", "python")
"""The languages of blocks that are run."""
SHOWN = ("text", "json")
"""Those that may show what the block above prints."""
NOT_RUN = re.compile(r"(?:#|//) Not run by the tests: (.+)\n")
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[^`\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block; `line` is that of its fence, `follows` the one right above, if any."""

    page: str
    line: int
    language: str
    text: str
    headings: tuple[str, ...]
    follows: int | None

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"

    @property
    def not_run(self) -> str | None:
        """Why it is not run, as its first line tells the reader; None if it is."""
        found = NOT_RUN.match(self.text)
        return found[1] if found else None

    @property
    def runs(self) -> bool:
        """Whether it is run by a test."""
        return self.language in RUN and self.not_run is None


def every_page(root: Path = ROOT) -> list[Path]:
    """The READMEs, the other pages beside them, and the pages of docs/."""
    return sorted([*root.glob("*.md"), *root.glob("docs/*.md")])


def pages(root: Path = ROOT) -> list[Path]:
    """Every page that is kept true; the changelog tells of what was."""
    return [page for page in every_page(root) if page.name != "CHANGELOG.md"]


def blocks(page: Path, root: Path = ROOT) -> list[Block]:
    """The fenced blocks of a page in their order, those of lists too."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    headings: list[str] = []
    for fence in FENCE.finditer(text):
        between = text[end : fence.start()]
        headings += HEADING.findall(between)
        above = found[-1].line if found and not between.strip() else None
        found.append(
            Block(
                page.relative_to(root).as_posix(),
                text.count("\n", 0, fence.start()) + 1,
                fence["language"].strip(),
                textwrap.dedent(fence["text"]),
                tuple(headings),
                above,
            )
        )
        end = fence.end()
    return found


def written(page: Path, language: str = "sh") -> list[Block]:
    """The blocks of a page of the project in one language."""
    return [block for block in blocks(page) if block.language == language]


def commands(page: Path) -> str:
    """All that a reader of the page pastes into one shell, less what cannot be run by a test."""
    return "".join(block.text for block in written(page) if block.runs)


def prose(page: Path) -> Iterator[tuple[int, str]]:
    """The lines outside of fenced blocks, numbered."""
    text = page.read_text(encoding="utf-8")
    emptied = FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), text)
    yield from enumerate(emptied.split("\n"), 1)


def code(block: Block) -> str:
    """What a block does, whatever language its comments are in."""
    return re.sub(r"(?m)^(?:#|//) .*\n| +(?:#|//) .*", "", block.text)
