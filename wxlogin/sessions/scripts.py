"""The Lua scripts: loaded from `lua/`, run by their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, cast

from redis import Redis
from redis.commands.core import Script
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as RedisTimeoutError

LUA = Path(__file__).parent / "lua"
SLOT_SCRIPTS = ("create", "read", "list", "finish", "block")


class Call(NamedTuple):
    """One script to run, on which keys, with which arguments."""

    name: str
    keys: list[str]
    args: tuple[str | int, ...]


class Scripts:
    """Runs scripts on one Redis: `run` once, `ask` a second time where no answer came."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        slot = (LUA / "slot.lua").read_text(encoding="utf-8")
        texts = {path.stem: path.read_text(encoding="utf-8") for path in LUA.glob("*.lua")}
        self._scripts: dict[str, Script] = {
            name: redis.register_script(slot + text if name in SLOT_SCRIPTS else text)
            for name, text in texts.items()
        }

    def fields(self, key: str, *names: str) -> list[str | None]:
        """The values of some fields of a hash."""
        return cast("list[str | None]", self.redis.hmget(key, names))

    def run(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script once: a write that got no answer may have happened."""
        return self._scripts[name](keys=keys, args=args)

    def ask(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script that may run twice without harm; one lost answer is made good."""
        return self.ask_together([Call(name, keys, args)])[0]

    def ask_together(self, calls: list[Call]) -> list[Any]:
        """As `ask`, several scripts in one round trip."""
        try:
            return self._sent("EVALSHA", calls)
        except (RedisConnectionError, RedisTimeoutError, NoScriptError):
            # EVAL brings the text along, for a server that does not know the script.
            return self._sent("EVAL", calls)

    def _sent(self, verb: str, calls: list[Call]) -> list[Any]:
        with self.redis.pipeline(transaction=False) as pipe:
            for call in calls:
                script = self._scripts[call.name]
                text = script.sha if verb == "EVALSHA" else script.script
                pipe.execute_command(  # type: ignore[no-untyped-call]
                    verb, text, len(call.keys), *call.keys, *call.args
                )
            return pipe.execute()
