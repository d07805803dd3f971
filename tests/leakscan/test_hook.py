"""The pre-commit hook that the docs define stops a commit with a leak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import flask_process
from tests.harness.doc_pages import blocks
from tests.house.source import ROOT
from tests.leakscan.made_up import APP_SECRET as SECRET
from tests.leakscan.made_up import HAY, hidden

PAGES = ("docs/leaked-appsecret.md", "docs/leaked-appsecret.zh-CN.md")


def hook(page: str) -> Any:
    """Return the one hook that a page defines."""
    (block,) = [block for block in blocks(ROOT / page) if block.language == "yaml"]
    ((repository,),) = yaml.safe_load(block.text).values()
    (defined,) = repository["hooks"]
    assert repository["repo"] == "local"
    return defined


def test_both_pages_define_the_same_hook() -> None:
    assert hook(PAGES[0]) == hook(PAGES[1])


@pytest.mark.parametrize(("leak", "status"), [(True, 1), (False, 0)])
def test_the_hook_ends_with_1_on_a_leak_alone(tmp_path: Path, leak: bool, status: int) -> None:
    files = {"a.js": hidden(f"secret: '{SECRET}'")[0] if leak else HAY.encode(), "b c.js": b"x"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    program, *words = hook(PAGES[0])["entry"].split()
    assert program.endswith("/.venv/bin/flask")
    assert words[:2] == ["--app", "/srv/wxlogin/wsgi.py"]
    assert hook(PAGES[0])["language"] == "system"
    # pre-commit adds the names of the files and shows what the hook prints.
    done = flask_process.run((*words[2:], *files), {}, tmp_path)
    assert done.returncode == status
