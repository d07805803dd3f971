"""The names of Redis keys have one place, and Lua builds its keys from the prefix it is given."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.source import ROOT, files, product, strings, written

KEYS = "wxlogin/sessions/keys.py"
ROOT_NAME = "wxl:"
SLOT = "wxl:1:{tag}:"

CALL = re.compile(r"redis\.p?call\(\s*'(\w+)'\s*,\s*([^\s,)]+)")
GIVEN = re.compile(r"^(KEYS\[|slot$|record\(|index$|tombstones$|mark$|key$)")
BUILT = re.compile(r"slot \.\. '([^']*)'")


def named_elsewhere(root: Path) -> list[str]:
    """Python outside keys.py that spells the name of a key."""
    return [
        f"{module.path}:{line}"
        for module in product(root)
        if module.path != KEYS
        for line, text in strings(module)
        if text.startswith(ROOT_NAME)
    ]


def spelled_in_lua(root: Path) -> list[str]:
    """Lua that names a key by anything but what it was given or made from its prefix."""
    wrong = []
    for file in files(root):
        if file.suffix == ".lua":
            text = file.read_text(encoding="utf-8")
            odd = [key for _, key in CALL.findall(text) if not GIVEN.match(key)]
            wrong += [f"{file.name}: {key}" for key in odd]
            wrong += [f"{file.name}: {ROOT_NAME}" for _ in range(text.count(ROOT_NAME))]
    return wrong


def patterns(root: Path) -> list[str]:
    """The patterns of the table in keys.py."""
    tree = ast.parse((root / KEYS).read_text(encoding="utf-8"))
    rows = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and _is_row(n)]
    return [ast.literal_eval(row.args[0]) for row in rows]


def _is_row(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "KeyRow"


def test_key_names_stand_in_one_place() -> None:
    assert named_elsewhere(ROOT) == []


def test_lua_uses_the_keys_it_is_given() -> None:
    assert spelled_in_lua(ROOT) == []


def test_what_lua_builds_stands_in_the_table() -> None:
    texts = [file.read_text(encoding="utf-8") for file in files() if file.suffix == ".lua"]
    built = {name for text in texts for name in BUILT.findall(text)}
    table = {pattern.removeprefix(SLOT).partition("<")[0] for pattern in patterns(ROOT)}
    assert built
    assert built <= table


def test_every_row_of_the_table_is_in_the_docs() -> None:
    page = (ROOT / "docs/redis.md").read_text(encoding="utf-8")
    assert patterns(ROOT)
    assert [pattern for pattern in patterns(ROOT) if f"`{pattern}`" not in page] == []


def test_keys_spelled_elsewhere_are_found(tmp_path: Path) -> None:
    written(tmp_path, wxlogin__guard__limits="def f(ip):\n    return f'wxl:1:ip:{ip}'\n")
    (tmp_path / "bad.lua").write_text("redis.call('GET', 'wxl:1:live')\n")
    assert named_elsewhere(tmp_path) == ["wxlogin/guard/limits.py:2"]
    assert spelled_in_lua(tmp_path) == ["bad.lua: 'wxl:1:live'", "bad.lua: wxl:"]
