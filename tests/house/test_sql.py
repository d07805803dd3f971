"""What a database said of a statement is read from its rows."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import ROOT, modules, written


def counting_rows(root: Path) -> list[str]:
    """Places that ask a driver how many rows a statement changed.

    It is -1 for both outcomes where SQLAlchemy adds RETURNING, and what counts as changed differs
    from database to database. A row that is there, a constraint that refuses or a lock decides.
    """
    return [
        f"{module.path}:{node.lineno}"
        for module in modules(root, "wxlogin/")
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and node.attr == "rowcount")
        or (isinstance(node, ast.Constant) and node.value in ("rowcount", "preserve_rowcount"))
        or (isinstance(node, ast.keyword) and node.arg == "preserve_rowcount")
    ]


def test_no_count_of_changed_rows_decides_anything() -> None:
    assert counting_rows(ROOT) == []


def test_counts_of_changed_rows_are_found(tmp_path: Path) -> None:
    text = "done.rowcount\ngetattr(done, 'rowcount', 0)\nf(preserve_rowcount=True)\n'a rowcount'\n"
    written(tmp_path, wxlogin__a=text)
    assert counting_rows(tmp_path) == ["wxlogin/a.py:1", "wxlogin/a.py:2", "wxlogin/a.py:3"]
