"""The names of Redis keys have one place, and Lua touches the keys that it is given."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, product, strings, written

KEYS = "wxlogin/redisdb/keys.py"
TABLE = "wxlogin/redisdb/key_table.py"
ROOT_NAME = "wxl:"

COMMENT = re.compile(r"--.*")
CALL = re.compile(r"redis\.p?call\(")
DECLARED = re.compile(r"redis\.call\('[A-Z]+', KEYS\[\w+\][,)]")
FORBIDDEN = re.compile(
    r"unpack|KEYS\[\w+\] =[^=]|KEYS =|\.\. KEYS\[|KEYS\[\w+\] \.\.|(?:local|=) KEYS\["
)
"""What proxies of clusters refuse: they read the script for `KEYS[...]` behind every command."""


def named_elsewhere(root: Path) -> list[str]:
    """Python outside keys.py and its table that spells the name of a key."""
    return [
        f"{module.path}:{line}"
        for module in product(root)
        if module.path not in (KEYS, TABLE)
        for line, text in strings(module)
        if text.startswith(ROOT_NAME)
    ]


def undeclared_in_lua(root: Path) -> list[str]:
    """Lua that touches a key by anything but KEYS[...], or asks in the midst of asking."""
    wrong = []
    for file in files(root):
        if file.suffix == ".lua":
            text = COMMENT.sub("", file.read_text(encoding="utf-8"))
            calls = [text[match.start() :] for match in CALL.finditer(text)]
            odd = [one.partition("\n")[0] for one in calls if not DECLARED.match(one)]
            odd += [one.partition("\n")[0] for one in calls if CALL.search(words_of(one))]
            odd += FORBIDDEN.findall(text)
            wrong += [f"{file.name}: {one}" for one in odd]
            wrong += [f"{file.name}: {ROOT_NAME}" for _ in range(text.count(ROOT_NAME))]
    return wrong


def words_of(call: str) -> str:
    """What stands between the parentheses of the call that the text begins with."""
    depth, start = 0, call.index("(")
    for at, sign in enumerate(call[start:], start):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return call[start + 1 : at]
    return call[start + 1 :]


def patterns(root: Path) -> list[str]:
    """The patterns of the table of keys."""
    tree = ast.parse((root / TABLE).read_text(encoding="utf-8"))
    rows = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_row(n)]
    return [ast.literal_eval(row.args[0]) for row in rows]


def _is_row(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "KeyRow"


def test_key_names_stand_in_one_place() -> None:
    assert named_elsewhere(ROOT) == []


def test_lua_touches_declared_keys_alone_and_says_so() -> None:
    assert undeclared_in_lua(ROOT) == []


def test_every_row_of_the_table_is_in_the_docs() -> None:
    page = (ROOT / "docs/redis.md").read_text(encoding="utf-8")
    assert patterns(ROOT)
    assert [pattern for pattern in patterns(ROOT) if f"`{pattern}`" not in page] == []


def test_keys_spelled_elsewhere_are_found(tmp_path: Path) -> None:
    written(tmp_path, wxlogin__guard__limits="def f(ip):\n    return f'wxl:1:ip:{ip}'\n")
    assert named_elsewhere(tmp_path) == ["wxlogin/guard/limits.py:2"]


@pytest.mark.parametrize(
    "line",
    [
        "redis.call('GET', 'wxl:1:live')",
        "redis.call('GET', ARGV[1])",
        "local key = KEYS[1]",
        "redis.call('GET', key)",
        "redis.call('GET', KEYS[1] .. ':x')",
        "redis.call('DEL', unpack(KEYS))",
        "redis.call(ARGV[1], KEYS[1])",
        "KEYS[1] = KEYS[1] .. ':x'",
        "redis.call('SET', KEYS[1], redis.call('GET', KEYS[2]))",
        "redis.pcall('GET', KEYS[1])",
    ],
)
def test_keys_that_are_not_declared_are_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.lua").write_text(f"return redis.call('GET', KEYS[1]) -- {line}\n")
    assert undeclared_in_lua(tmp_path) == []
    (tmp_path / "bad.lua").write_text(f"{line}\n")
    assert undeclared_in_lua(tmp_path)
