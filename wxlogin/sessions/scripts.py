"""The Lua scripts: loaded from `lua/`, run by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

LUA = Path(__file__).parent / "lua"
SLOT_SCRIPTS = ("create", "read", "list", "finish")


class Scripts:
    """Runs scripts. `run` sends once; `ask` asks a second time, and so is for what may repeat."""

    def __init__(self, redis: Redis) -> None:
        slot = (LUA / "slot.lua").read_text(encoding="utf-8")
        texts = {path.stem: path.read_text(encoding="utf-8") for path in LUA.glob("*.lua")}
        self._scripts: dict[str, Script] = {
            name: redis.register_script(slot + text if name in SLOT_SCRIPTS else text)
            for name, text in texts.items()
        }

    def run(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script once: a write that got no answer may have happened."""
        return self._scripts[name](keys=keys, args=args)

    def ask(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script that may run twice without harm; one lost answer is made good."""
        try:
            return self.run(name, keys, *args)
        except (RedisConnectionError, RedisTimeoutError):
            return self.run(name, keys, *args)
