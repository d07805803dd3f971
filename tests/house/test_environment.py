"""The environment is read in config.py alone."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import ROOT, modules, written

READERS = {"environ", "environb", "getenv", "getenvb"}
SERVING = ("wxlogin/", "deploy/", "migrations/", "wsgi.py")


def readers(root: Path) -> list[str]:
    """Where a module that serves reads the environment by itself."""
    return [
        f"{module.path}:{node.lineno}"
        for module in modules(root)
        if module.path.startswith(SERVING)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute | ast.ImportFrom) and reads(node)
        if node not in written_to(module.tree)
    ]


def written_to(tree: ast.Module) -> list[ast.expr]:
    """What an item is assigned to, as in `os.environ["X"] = "y"`: that tells, it does not read."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]


def reads(node: ast.Attribute | ast.ImportFrom) -> bool:
    """Whether this is `os.environ` or its like, or imports it."""
    if isinstance(node, ast.Attribute):
        return node.attr in READERS and isinstance(node.value, ast.Name) and node.value.id == "os"
    return node.module == "os" and any(alias.name in READERS for alias in node.names)


def test_config_alone_reads_the_environment() -> None:
    assert readers(ROOT) == []


def test_another_reader_is_found(tmp_path: Path) -> None:
    written(tmp_path, wsgi="import os\nos.getenv('X')\n", wxlogin__a="from os import environ\n")
    written(tmp_path, deploy__told="import os\nos.environ['X'] = 'y'\n")
    assert readers(tmp_path) == ["wsgi.py:2", "wxlogin/a.py:1"]
