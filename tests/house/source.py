"""The project's files and what stands in them, read without importing them."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "wxlogin"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One Python file, parsed; `name` is dotted, `path` stands below the root."""

    name: str
    path: str
    text: str
    tree: ast.Module


def files(root: Path = ROOT) -> list[Path]:
    """All files below `root` that .gitignore does not leave out, in order."""
    return sorted(_walked(root, root, _ignored_patterns(root)))


@cache
def modules(root: Path = ROOT, below: str = "") -> tuple[Module, ...]:
    """All Python files of the project, or those whose path starts with `below`."""
    if below:
        return tuple(module for module in modules(root) if module.path.startswith(below))
    return tuple(_parsed(file, root) for file in files(root) if file.suffix == ".py")


def product(root: Path = ROOT) -> list[Module]:
    """The package and the settings."""
    return [*modules(root, f"{PACKAGE}/"), *modules(root, "config")]


def functions(module: Module) -> list[Function]:
    """Every function of a module, methods and inner ones too."""
    return [node for node in ast.walk(module.tree) if isinstance(node, Function)]


def strings(module: Module) -> Iterator[tuple[int, str]]:
    """Every string literal and every literal part of an f-string, with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def length(node: Function) -> int:
    """A function's lines, its decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def written(root: Path, **texts: str) -> Path:
    """Write a small sample project: `a__b="..."` becomes a/b.py."""
    for name, text in texts.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _parsed(file: Path, root: Path) -> Module:
    path = file.relative_to(root).as_posix()
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    text = file.read_text(encoding="utf-8")
    return Module(name, path, text, ast.parse(text, path))


def _ignored_patterns(root: Path) -> list[str]:
    lines = [".git"]
    for listing in (root / ".gitignore", root / ".git/info/exclude"):
        if listing.is_file():
            lines += listing.read_text(encoding="utf-8").split("\n")
    return [line.strip().strip("/") for line in lines if line.strip() and line[0] != "#"]


def _walked(folder: Path, root: Path, ignored: list[str]) -> Iterator[Path]:
    for entry in folder.iterdir():
        path = entry.relative_to(root).as_posix()
        if any(fnmatch.fnmatch(form, p) for p in ignored for form in (path, entry.name)):
            continue
        if entry.is_dir():
            yield from _walked(entry, root, ignored)
        else:
            yield entry
