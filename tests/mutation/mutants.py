"""Mutants of a Python source: the same program with one small change each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


class Mutant(NamedTuple):
    """A changed source, the line of the change, and the code before and after it."""

    source: str
    line: int
    before: str
    after: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a source; docstrings and annotations stay."""
    left_alone = _ignored(ast.parse(source))
    for number in range(len(list(ast.walk(ast.parse(source))))):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[number]
        if number in left_alone:
            continue
        before, line = ast.unparse(node), getattr(node, "lineno", 0)
        changed = _change(node)
        if changed is None:
            continue
        whole = tree if changed is node else _Replacement(node, changed).visit(tree)
        yield Mutant(ast.unparse(ast.fix_missing_locations(whole)), line, before, _text(changed))


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _ignored(tree: ast.Module) -> set[int]:
    """Return the positions of docstrings and annotations in a walk of the tree."""
    ignored: set[int] = set()
    for node in ast.walk(tree):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if part is not None:
                ignored |= {id(inner) for inner in ast.walk(part)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            ignored |= {id(node), id(node.value)}
    return {number for number, node in enumerate(ast.walk(tree)) if id(node) in ignored}


def _change(node: ast.AST) -> ast.AST | None:
    """Return what replaces a node, or the node changed; None for a node without a mutant."""
    match node:
        case ast.UnaryOp(op=ast.Not()):
            return node.operand
        case ast.Raise() | ast.Expr(value=ast.Call()):
            return ast.Pass()
        case ast.Constant():
            return _other_constant(node)
        case ast.If() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return node
        case ast.Return() if node.value is not None:
            node.value = ast.Constant(None)
            return node
        case _:
            return _with_other_operator(node)


def _with_other_operator(node: ast.AST) -> ast.AST | None:
    match node:
        case ast.Compare() if type(node.ops[0]) in COMPARISONS:
            node.ops[0] = COMPARISONS[type(node.ops[0])]()
        case ast.BinOp() if type(node.op) in OPERATORS:
            node.op = OPERATORS[type(node.op)]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case _:
            return None
    return node


def _other_constant(node: ast.Constant) -> ast.Constant | None:
    match node.value:
        case bool() as value:
            return ast.Constant(not value)
        case int() | float() as value:
            return ast.Constant(value + 1)
        case str() as text if text:
            return ast.Constant(f"{text}X")
        case bytes() as data if data:
            return ast.Constant(data + b"X")
        case _:
            return None


class _Replacement(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)
