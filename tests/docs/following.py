"""Follows a page: its blocks as they stand, in their order, in one shell of one machine."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.table import SHOP_SECRET, Part
from tests.harness.doc_pages import Block
from tests.harness.namespaces import secluded
from tests.house.source import ROOT

HERE = Path("tests/docs")
"""This folder in the clone, where the page is followed."""
SHOP = "shop"
"""The folder beside the clone, where pages have a mini-program; it is there and empty."""
# `make test`, `.ci/run`: the command as it stands, and of all tests one of each run.
ONE_TEST = (
    "tests/api/test_login.py::test_the_appid_may_be_named"
    " tests/deploy/test_compose.py::test_only_nginx_can_be_reached_from_outside"
    " tests/deploy/test_deploy_page.py::test_the_page_says_the_same_in_both_languages"
    " --cov-fail-under=0"
)
RUNNERS = {
    "js": ("node", "tests/docs/phone/phone.js"),
    "python": (".venv/bin/python", "tests/docs/phone/in_turn.py"),
}


class Followed(NamedTuple):
    """How it went: the exit status, the block that was run last, and what each block said."""

    status: int
    last: Block | None
    said: dict[int, str]
    log: str


def part_of(blocks: Sequence[Block], parts: Sequence[Part], number: int) -> list[Block]:
    """The blocks of a page that its part of that number runs."""
    found = []
    for block in blocks:
        begun = [
            i for i, part in enumerate(parts) if not part.since or part.since in block.headings
        ]
        if block.runs and begun[-1:] == [number]:
            found.append(block)
    return found


def follow(
    tree: Path, place: Path, part: Part, blocks: Sequence[Block], environment: Mapping[str, str]
) -> Followed:
    """Run them; the first command that fails ends it."""
    (place / "scratch").mkdir()
    lines = [f"cd {shlex.quote(str(tree))}", ". $SETUPS/shell.sh"]
    lines += [f". $SETUPS/{name}.sh </dev/null" for name in part.setups]
    for block in blocks:
        lines += _run(block, place, part, blocks)
    done = secluded(
        "\n".join(lines),
        place / "scratch",
        {
            "HOME": str(place),
            "PAGE": str(place),
            "PYTEST_ADDOPTS": ONE_TEST,
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "1",  # else most would start for nothing
            "SETUPS": str(tree / HERE / "setups"),
            "SHOP": SHOP_SECRET,
            "TMPDIR": "/run",  # this machine's own; other tests clear /tmp of what they left
            **environment,
        },
        changed=[tree, *filter(Path.is_dir, [tree.with_name(SHOP)])],
    )
    said = {block.line: _read(place / f"{block.line}.out") for block in blocks}
    reached = _read(place / "reached").split()
    last = next((block for block in blocks if reached[-1:] == [str(block.line)]), None)
    return Followed(done.returncode, last, said, done.stdout)


def _run(block: Block, place: Path, part: Part, blocks: Sequence[Block]) -> list[str]:
    """The lines that run a block. What is not shell runs at once, where its last block stands."""
    path = place / f"{block.line}.{block.language}"
    path.write_text(block.text, encoding="utf-8")
    typed = place / f"{block.line}.in"
    typed.write_text("".join(text for found, text in part.typed.items() if found in block.text))
    command = f". {path}"
    if block.language != "sh":
        alike = [one for one in blocks if one.language == block.language]
        if block != alike[-1]:
            return []
        files = [str(place / f"{one.line}.{one.language}") for one in alike]
        files = [*_use(part.before, block), *files, *_use(part.after, block)]
        command = shlex.join([*RUNNERS[block.language], *files])
    said = f"{place}/{block.line}.out"
    return [f"echo {block.line} >>{place}/reached", f"{command} <{typed} >{said} 2>&1"]


def _use(name: str | None, block: Block) -> list[str]:
    path = HERE / "uses" / f"{name}.{'py' if block.language == 'python' else block.language}"
    return [str(path)] if (ROOT / path).exists() else []


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
