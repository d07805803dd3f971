"""The error catalogue as it is written in wxlogin/errors.py."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

from tests.house.source import ROOT


class Row(NamedTuple):
    """One entry: the Python name it is bound to, and what it says first."""

    name: str
    code: str
    status: int
    action: str


def rows(root: Path = ROOT) -> list[Row]:
    """Every `NAME = Entry("CODE", status, "action", ...)`."""
    tree = ast.parse((root / "wxlogin/errors.py").read_text(encoding="utf-8"))
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            code, status, action = (ast.literal_eval(part) for part in node.value.args[:3])
            found.append(Row(ast.unparse(node.targets[0]), code, status, action))
    return found
