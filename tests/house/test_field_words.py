"""Each reason for which a field can be refused has its Chinese, and no other Chinese stands there.

What the fields' own checks say is found by sending each field of each call what it may not hold;
what the code says by itself is read from it.
"""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Iterator
from functools import cache
from importlib import import_module

import pytest
from pydantic import BaseModel, ValidationError

import wxlogin.blueprints  # noqa: F401  it imports all views
from tests.house.source import ROOT, Module, product
from wxlogin.field_words import LOOKS, PATTERNS, REASONS, is_known, said
from wxlogin.guard.bodies import _reason

HAN = re.compile(r"[\u4e00-\u9fff]")
FROM_CALLERS = ("body", "query", "path")
"""The arguments of a view that hold what a caller sent."""
WRONG: tuple[object, ...] = (
    None, True, 1, -1, 0, 1_000_000, 1.5, "", "x", " ", "x y", "x" * 60, "x" * 100_001, "é\x00",
    "a b ", "2020-01-01T00:00:00Z", "\ud800", "9" * 40, "e" * 24, "e" * 40, "QUJD",
    "web", "é" * 2100,
    [], ["x"], [1], [{}], ["x"] * 200, ["read", "operate"], {}, {"a": 1},
)  # fmt: skip
REFUSERS = {
    "_malformed": (0, re.compile(r"guard/bodies\.py$")),
    "_invalid": (1, re.compile(r"guard/bodies\.py$")),
    "_refusal": (0, re.compile(r"server_api/payment\.py$")),
    "ValueError": (
        0,
        re.compile(
            r"^wxlogin/(admin|decrypt|login|me|scan|server_api)/.*(schemas|filters|times)\.py$"
        ),
    ),
}
"""What refuses a field: which of its arguments is the reason, and in which modules."""
OF_OPERATORS = re.compile(r"/operators/")
FIELD_ERRORS = ("NameInvalid", "NameTaken", "WeakPassword")
FAULTS = {"url_fault", "fault_of_encrypted_data", "fault_of_iv", "_fault_of_base64", "weakness"}
"""Functions that return a reason."""


@cache
def models() -> frozenset[type[BaseModel]]:
    """Everything that a view takes from a caller."""
    found = set()
    for module in product():
        if not module.path.endswith("routes.py"):
            continue
        name = module.path.removesuffix(".py").replace("/", ".")
        for view in map(inspect.unwrap, filter(callable, vars(import_module(name)).values())):
            if inspect.isfunction(view) and view.__module__ == name:
                hints = typing.get_type_hints(view)
                taken = (hints[one] for one in FROM_CALLERS if one in hints)
                found |= {one for one in taken if issubclass(one, BaseModel)}
    return frozenset(found)


def refused(model: type[BaseModel], value: object) -> Iterator[str]:
    """Why a model does not take a value."""
    try:
        model.model_validate(value)
    except ValidationError as invalid:
        yield from map(_reason, invalid.errors(include_url=False, include_input=False))


@cache
def of_checks() -> frozenset[str]:
    """Every reason that the models themselves give."""
    found: set[str] = set()
    for model in models():
        names = [field.alias or name for name, field in model.model_fields.items()]
        bodies: list[object] = [None, [], {}, {"unknown": 1}]
        bodies += [dict.fromkeys(names, value) for value in WRONG]
        bodies += [{name: value} for name in names for value in WRONG]
        for body in bodies:
            found.update(refused(model, body))
    return frozenset(found)


def literal(node: ast.AST) -> str | None:
    """The text of a node; a number stands for what is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values
        )
    return None


def given(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a node of a module gives as the reason of a refusal."""
    if isinstance(node, ast.Call):
        yield from of_call(module, node)
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "fields":
        yield from of_pairs(node.value)
    elif isinstance(node, ast.FunctionDef) and node.name in FAULTS:
        yield from (it.value for it in ast.walk(node) if isinstance(it, ast.Return) and it.value)


def of_call(module: Module, node: ast.Call) -> Iterator[ast.AST]:
    """The arguments of a call that are the reason of a refusal."""
    called = ast.unparse(node.func)
    place, modules = REFUSERS.get(called, (1, OF_OPERATORS))
    own = called in REFUSERS or called == "super().__init__" or called.endswith(FIELD_ERRORS)
    if own and modules.search(module.path):
        yield from node.args[place : place + 1]
    for word in node.keywords:
        if word.arg == "fields":
            yield from of_pairs(word.value)


def of_pairs(listed: ast.AST) -> Iterator[ast.AST]:
    """The second of each pair in a list of fields and reasons."""
    for pair in ast.walk(listed):
        if isinstance(pair, ast.Tuple):
            yield from pair.elts[1:2]


@cache
def of_code() -> frozenset[str]:
    """Every reason that stands in the code of the calls."""
    texts = (
        literal(one)
        for module in product()
        if "/keyring/" not in module.path  # its words are for commands
        for node in ast.walk(module.tree)
        for one in given(module, node)
    )
    return frozenset(text for text in texts if text and " " in text)


def test_all_calls_are_looked_at() -> None:
    assert len(models()) > 50
    assert len(of_checks()) > 70
    assert len(of_code()) > 30


def test_each_reason_has_its_chinese() -> None:
    reasons = of_checks() | of_code()
    assert sorted(reason for reason in reasons if not is_known(reason)) == []
    assert [reason for reason in reasons if not HAN.search(said(reason, "zh"))] == []
    assert all(said(reason, "en") == reason for reason in reasons)


def test_no_chinese_is_left_of_a_reason_that_is_gone() -> None:
    source = "\n".join(
        re.sub(r'"\s*\n\s*f?"', "", path.read_text(encoding="utf-8"))
        for path in (ROOT / "wxlogin").rglob("*.py")
        if path.name != "field_words.py"
    )
    own = {text for text in REASONS if text not in of_checks()}
    computed = {"should be a URL with http or https", "should be a URL with https"} | {
        f"name the mini-program: this server has {many}" for many in ("none", "several")
    }
    assert [text for text in own - computed if text not in source] == []
    assert [
        text for text in LOOKS if text.removesuffix(", none of them invisible") not in source
    ] == []


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in PATTERNS], ids=lambda it: it.pattern)
def test_each_pattern_is_of_a_reason_that_is_given(pattern: re.Pattern[str]) -> None:
    assert any(pattern.fullmatch(reason) for reason in of_checks() | of_code())


def test_a_reason_that_nobody_translated_stays_in_english() -> None:
    assert not is_known("should be new")
    assert said("should be new", "zh") == "should be new"


def test_words_of_the_contract_stay_as_they_are() -> None:
    assert said("should be 'ios', 'android' or 'other'", "zh") == "应为 ios、android 或 other"
    assert said("shop is not registered", "zh") == "shop 没有登记"
    assert said("should be an appid", "zh") == "应为 appid"
