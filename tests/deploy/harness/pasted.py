"""The shell blocks of a page, pasted into a machine as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from tests.deploy.harness.machine import Machine
from tests.harness.doc_pages import written

REMARK = re.compile(r" +# .*")


def same_blocks(page: Path) -> bool:
    """Whether a page has the blocks of its Chinese one; remarks behind a command may differ."""
    both = [written(file) for file in (page, page.with_suffix(".zh-CN.md"))]
    bare = [[REMARK.sub("", block.text) for block in found] for found in both]
    return bool(bare[0]) and bare[0] == bare[1]


def paste(machine: Machine, *pasted: str) -> str:
    """Paste blocks one after the other into one shell of root's; each has to succeed."""
    lines = []
    for number, block in enumerate(pasted):
        path = f"/var/tmp/pasted/{number:02}.sh"
        machine.put(path, block)
        lines.append(f"echo '== block {number}'; . {path}")
    return machine.said("\n".join(lines))
