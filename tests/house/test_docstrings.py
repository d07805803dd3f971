"""Whatever others may use says what it promises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT, Function, product, written

Scope = ast.Module | ast.ClassDef


def public(scope: Scope, inside: str) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """The public classes, functions and methods of a scope, with their dotted names."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef | Function) and not (_private(node) or _setter(node)):
            yield f"{inside}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node, f"{inside}.{node.name}")


def silent(root: Path) -> list[str]:
    """Public things without a docstring."""
    wrong = []
    for module in product(root):
        things = [(module.name, module.tree), *public(module.tree, module.name)]
        wrong += [name for name, node in things if not ast.get_docstring(node)]
    return wrong


def _private(node: ast.ClassDef | Function) -> bool:
    return node.name.startswith("_")


def _setter(node: ast.ClassDef | Function) -> bool:
    """Whether the property's getter speaks for this."""
    return any(isinstance(d, ast.Attribute) and d.attr == "setter" for d in node.decorator_list)


def test_everything_public_has_a_docstring() -> None:
    assert silent(ROOT) == []


def test_what_says_nothing_is_found(tmp_path: Path) -> None:
    written(tmp_path, wxlogin__clock='"""Time."""\nclass A:\n    def b(self): ...\ndef _c(): ...\n')
    assert silent(tmp_path) == ["wxlogin.clock.A", "wxlogin.clock.A.b"]
