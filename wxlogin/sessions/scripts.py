"""The Lua scripts: loaded from `lua/`, run by their names."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from wxlogin.sessions.convoy import Command
from wxlogin.sessions.primaries import Server
from wxlogin.watch import metrics

LUA = Path(__file__).parent / "lua"
SLOT_SCRIPTS = ("create", "read", "list", "finish", "block", "lift")
LASTING = {"create", "finish", "block", "lift"}
"""What begins or ends a session: a failover must not undo it once it is answered."""

WAIT_MS = 400  # less than a socket is waited for
NOT_RUN = (NoScriptError, MovedError)

Verb = Literal["EVALSHA", "EVAL"]


class TooFewReplicas(RedisError):
    """A write happened, but fewer replicas than `WXLOGIN_REDIS_WAIT` have it."""


class Call(NamedTuple):
    """One script to run, on which keys, with which arguments."""

    name: str
    keys: list[str]
    args: tuple[str | int, ...]


class Script(NamedTuple):
    """The text of a script, and the name under which Redis knows it."""

    text: str
    sha: str


class Scripts:
    """Runs scripts: `run` once, `ask` a second time where no answer came.

    The keys of a call share a slot. `wait` replicas must have what begins or ends a session.
    """

    def __init__(self, redis: Server, wait: int = 0) -> None:
        self.redis = redis
        self._wait = wait
        slot = (LUA / "slot.lua").read_text(encoding="utf-8")
        texts = {path.stem: path.read_text(encoding="utf-8") for path in LUA.glob("*.lua")}
        self._scripts = {
            name: _script(slot + text if name in SLOT_SCRIPTS else text)
            for name, text in texts.items()
        }

    def fields(self, key: str, *names: str) -> list[str | None]:
        """The values of some fields of a hash."""
        return cast("list[str | None]", self.redis.hmget(key, names))

    def run(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script once: a write that got no answer may have happened."""
        return self._sent([Call(name, keys, args)], repeatable=False)[0]

    def ask(self, name: str, keys: list[str], *args: str | int) -> Any:
        """Run a script that may run twice without harm; one lost answer is made good."""
        return self.ask_together([Call(name, keys, args)])[0]

    def ask_together(self, calls: list[Call]) -> list[Any]:
        """As `ask`, several scripts in one round trip; in a cluster one a node."""
        try:
            return self._sent(calls, repeatable=True)
        except (RedisConnectionError, RedisTimeoutError):
            return self._sent(calls, repeatable=True)

    def _sent(self, calls: list[Call], *, repeatable: bool) -> list[Any]:
        replies = self._replies("EVALSHA", calls, repeatable=repeatable)
        not_run = [n for n, reply in enumerate(replies) if isinstance(reply, NOT_RUN)]
        if not_run:
            # EVAL brings the text along, for a server that does not know the script.
            again = self._replies("EVAL", [calls[n] for n in not_run], repeatable=repeatable)
            for n, reply in zip(not_run, again, strict=True):
                replies[n] = reply
        for reply in replies:
            if isinstance(reply, RedisError):
                raise reply
        return replies

    def _replies(self, verb: Verb, calls: list[Call], *, repeatable: bool) -> list[Any]:
        """What each call brought, refusals among it."""
        servers = [self.redis.at(call.keys[0]) for call in calls]
        replies: list[Any] = [None] * len(calls)
        for server in dict.fromkeys(servers):
            own = [n for n, at in enumerate(servers) if at is server]
            got = self._exchange(server, verb, [calls[n] for n in own], repeatable=repeatable)
            for n, reply in zip(own, got, strict=True):
                replies[n] = reply
        return replies

    def _command(self, verb: Verb, call: Call) -> Command:
        script = self._scripts[call.name]
        named = script.sha if verb == "EVALSHA" else script.text
        return (verb, named, len(call.keys), *call.keys, *call.args)

    def _exchange(
        self, server: Server, verb: Verb, calls: list[Call], *, repeatable: bool
    ) -> list[Any]:
        """One round trip; the answer to WAIT, where there is one, is judged here."""
        began = time.perf_counter()
        waits = self._wait > 0 and any(call.name in LASTING for call in calls)
        commands = [self._command(verb, call) for call in calls]
        if waits:
            commands.append(("WAIT", self._wait, WAIT_MS))
        try:
            # A WAIT would hold up whoever travels along.
            replies = server.exchange(commands, repeatable=repeatable and not waits)
        except RedisError as fault:
            self.redis.doubt(fault)
            raise
        finally:
            metrics.redis(calls[-1].name).observe(time.perf_counter() - began)
        have = replies.pop() if waits else self._wait
        faults = [reply for reply in replies if isinstance(reply, RedisError)]
        for known in faults:
            self.redis.doubt(known)
        if not faults:
            self._require_replicas(have)
        return replies

    def _require_replicas(self, have: int | RedisError) -> None:
        if isinstance(have, RedisError):
            raise have
        if have < self._wait:
            raise TooFewReplicas(f"{have} of {self._wait} replicas had it after {WAIT_MS} ms")


def _script(text: str) -> Script:
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return Script(text, sha)
