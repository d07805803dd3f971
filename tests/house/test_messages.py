"""What is told to people: a count agrees with its noun, and nothing is said twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.house.source import ROOT, Module, modules, product, written
from wxlogin.plural import plural

PLURAL = re.compile(r"^ (?:[a-z]+ed )?(?:[a-z]{2,}s|entries|people)\b")
VERBS = {"is", "was", "has", "does", "needs", "holds", "stands", "this", "its", "as", "lacks"}
"""Words after a value that end like a plural and are none."""
NUMBERED = re.compile(r"%[sd] ([a-z]{2,}s)\b")
CATALOGUES = ROOT / "wxlogin/admin/console/translations"
COUNTED = re.compile(r"%\((?:num|count|n|number|total|rows|sessions|users|ended)\)")


def joined(module: Module) -> Iterator[tuple[int, str]]:
    """Values of f-strings that a plural follows, with their lines; a constant is no count."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    said = PLURAL.match(str(text.value))
                    if said and said[0].split()[-1] not in VERBS and not fixed(value.value):
                        yield node.lineno, said[0].strip()


def fixed(value: ast.expr) -> bool:
    """Whether this is a constant by its name, which is never 1."""
    return isinstance(value, ast.Name) and value.id.isupper()


def uncounted(root: Path) -> list[str]:
    """Where a count and its noun are put together by hand."""
    found = []
    for module in product(root):
        found += [f"{module.path}:{line}: {word}" for line, word in joined(module)]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = set(NUMBERED.findall(node.value)) - VERBS
                found += [f"{module.path}:{node.lineno}: {word}" for word in sorted(words)]
    return found


def told_twice(root: Path) -> list[str]:
    """Refusals with a detail of their own and fields as well: one says what the other does."""
    return [
        f"{module.path}:{node.lineno}"
        for module in modules(root, "wxlogin/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ApiError"
        if any(word.arg == "fields" for word in node.keywords)
        if len(node.args) > 1 or any(word.arg == "detail" for word in node.keywords)
        if not isinstance(node.args[1], ast.Attribute)  # handed on: said where it is raised
    ]


@pytest.mark.parametrize(
    ("words", "one", "two"),
    [
        (("user",), "1 user", "2 users"),
        (("entry", "entries"), "1 entry", "2 entries"),
        (("row needs", "rows need"), "1 row needs", "2 rows need"),
    ],
)
def test_one_is_one_and_all_else_is_many(words: tuple[str, ...], one: str, two: str) -> None:
    assert (plural(1, *words), plural(2, *words)) == (one, two)
    assert plural(0, *words) == two.replace("2", "0")


def test_no_count_is_told_but_by_plural() -> None:
    assert uncounted(ROOT) == []


def test_no_refusal_is_told_twice() -> None:
    assert told_twice(ROOT) == []


def test_what_the_console_counts_has_both_forms() -> None:
    for path in CATALOGUES.glob("*.po"):
        with path.open("rb") as lines:
            for message in read_po(lines, locale=path.stem):
                if isinstance(message.id, str):
                    assert not COUNTED.search(message.id), message.id


def test_such_messages_are_found(tmp_path: Path) -> None:
    written(
        tmp_path,
        wxlogin__a=(
            'x = f"{n} users, {MOST} fields and {name} is"\n'
            'log("%d rows are left, and %d was found")\n'
            'raise ApiError(errors.X, "This is taken.", fields=[("name", "is taken")])\n'
        ),
    )
    assert uncounted(tmp_path) == ["wxlogin/a.py:1: users", "wxlogin/a.py:2: rows"]
    assert told_twice(tmp_path) == ["wxlogin/a.py:3"]
