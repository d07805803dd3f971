"""Files have one subject, functions one thought: neither grows without end."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.source import ROOT, Module, functions, length, modules, written

FILE_LINES = 320
FUNCTION_LINES = 45
VIEW_LINES = 15
DATA = ("migrations/versions/", "tests/unit/vectors.py")


def measured(root: Path) -> list[Module]:
    """The Python files that are not data."""
    return [module for module in modules(root) if not module.path.startswith(DATA)]


def long_files(root: Path) -> list[str]:
    """Files over the limit."""
    counted = [(module.path, module.text.count("\n")) for module in measured(root)]
    return [f"{path}: {lines} lines" for path, lines in counted if lines > FILE_LINES]


def long_functions(root: Path) -> list[str]:
    """Functions over the limit."""
    return [
        f"{module.path}: {function.name} has {length(function)} lines"
        for module in measured(root)
        for function in functions(module)
        if length(function) > FUNCTION_LINES
    ]


def busy_views(root: Path) -> list[str]:
    """Functions of a routes.py that are long or catch errors."""
    return [
        f"{module.path}: {view.name}"
        for module in modules(root)
        if module.path.endswith("/routes.py")
        for view in functions(module)
        if length(view) > VIEW_LINES
        or any(isinstance(node, ast.Try | ast.TryStar) for node in ast.walk(view))
    ]


def test_no_file_is_long() -> None:
    assert long_files(ROOT) == []


def test_no_function_is_long() -> None:
    assert long_functions(ROOT) == []


def test_views_parse_call_and_reply() -> None:
    assert busy_views(ROOT) == []


def test_what_is_long_or_busy_is_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__login__routes="def view():\n    try:\n        pass\n    finally:\n        pass\n",
        wxlogin__meta__routes="def page():\n" + "    pass\n" * 15,
        wxlogin__vault="def f():\n" + "    pass\n" * 320,
    )
    assert long_files(tmp_path) == ["wxlogin/vault.py: 321 lines"]
    assert long_functions(tmp_path) == ["wxlogin/vault.py: f has 321 lines"]
    assert busy_views(tmp_path) == ["wxlogin/login/routes.py: view", "wxlogin/meta/routes.py: page"]
