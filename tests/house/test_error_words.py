"""Each text of a refusal has its Chinese, and no Chinese stands there for a text that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.catalogue import rows
from tests.house.source import ROOT, Module, product
from wxlogin.error_words import ENTRIES, NARROWER, PATTERNS

HAN = re.compile(r"[\u4e00-\u9fff]")


def literals(node: ast.AST) -> Iterator[str]:
    """The texts of a call's own arguments by position; what is put into one stands as `x`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "x" for p in node.values)
        yield "".join(str(part) for part in parts)


def details(module: Module) -> Iterator[str]:
    """The details that a module gives refusals of its own."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called == "ApiError":
            given = node.args[1:2]
        elif called == "super().__init__" and module.path.endswith("/errors.py"):
            given = node.args[:1]
        else:
            continue
        for argument in given:
            yield from (text for text in literals(argument) if " " in text)


def narrower() -> set[str]:
    """Every detail of the product that is not the catalogue's."""
    return {text for module in product() for text in details(module)}


def known(text: str) -> bool:
    """Whether a detail has its Chinese."""
    return text in NARROWER or any(pattern.fullmatch(text) for pattern, _ in PATTERNS)


def test_each_code_says_both_in_chinese() -> None:
    assert set(ENTRIES) == {row.code for row in rows()}
    assert [code for code, said in ENTRIES.items() if not all(map(HAN.search, said))] == []


def test_each_narrower_detail_has_its_chinese() -> None:
    assert len(narrower()) > 20
    assert sorted(text for text in narrower() if not known(text)) == []


def test_no_chinese_is_left_of_a_detail_that_is_gone() -> None:
    source = "\n".join(
        re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
        for path in (ROOT / "wxlogin").rglob("*.py")
        if path.name != "error_words.py"
    )
    assert [text for text in NARROWER if text not in source] == []
