"""How the texts of Lua scripts are put together."""

from __future__ import annotations

from pathlib import Path

from redis import Redis

from wxlogin.redisdb import Scripts
from wxlogin.redisdb.scripts import ScriptFolder

PRELUDE = """\
-- What all share.

local first, second = 1, 2

-- Uses a value of another part.
local function third()
  return first + second
end

local function fourth()
  return undefined_name
end
"""


def test_a_script_gets_what_it_uses_of_the_prelude_and_nothing_else(
    redis: Redis, tmp_path: Path
) -> None:
    (tmp_path / "prelude.lua").write_text(PRELUDE, encoding="utf-8")
    (tmp_path / "sums.lua").write_text("return third()\n", encoding="utf-8")
    (tmp_path / "alone.lua").write_text("return 7\n", encoding="utf-8")
    scripts = Scripts(redis, [ScriptFolder(tmp_path)])
    assert scripts.call("sums", ["key"]) == 3
    assert scripts.call("alone", ["key"]) == 7
    texts = {name: scripts._scripts[name].text for name in ("sums", "alone")}
    assert texts["alone"] == "return 7\n"
    assert "local first, second = 1, 2" in texts["sums"]
    assert "fourth" not in texts["sums"]
