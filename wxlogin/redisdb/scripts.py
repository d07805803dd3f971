"""Lua scripts: loaded from folders, run by their names."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, cast

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from wxlogin import metrics
from wxlogin.plural import plural
from wxlogin.redisdb.batching import Command
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.replies import Reply, Result, integer

PRELUDE = "prelude"
"""The name of a file of functions and values: those that a script uses are put in front of it."""

DEFINED = re.compile(r"^local (?:function )?(\w+(?:, \w+)*)", re.MULTILINE)

WAIT_MS = 400  # less than the timeout of a socket
NOT_RUN = (NoScriptError, MovedError)

Verb = Literal["EVALSHA", "EVAL"]


class TooFewReplicas(RedisError):
    """A write happened, but fewer replicas than `WXLOGIN_REDIS_WAIT` confirmed it."""


class Call(NamedTuple):
    """A script to run, its keys and its arguments."""

    name: str
    keys: list[str]
    args: tuple[str | int, ...]


class Script(NamedTuple):
    """The text of a script, and the digest by which Redis knows it."""

    text: str
    sha: str
    durable: bool


class ScriptFolder(NamedTuple):
    """The scripts of a package. A failover must not lose what the `durable` ones wrote."""

    directory: Path
    durable: frozenset[str] = frozenset()


OWN = ScriptFolder(Path(__file__).parent / "lua")
"""Scripts that several packages use."""


class Scripts:
    """Runs scripts: `call_once` sends them once, `call` again if no reply came.

    The keys of a call share a slot. `wait` replicas must confirm what a durable script wrote.
    """

    def __init__(self, redis: Server, folders: Iterable[ScriptFolder], wait: int = 0) -> None:
        self.redis = redis
        self._wait = wait
        self._scripts: dict[str, Script] = {}
        for folder in (OWN, *folders):
            self._scripts |= _load(folder)

    def fields(self, key: str, *names: str) -> list[str | None]:
        """Return the values of some fields of a hash."""
        return cast("list[str | None]", self.redis.hmget(key, names))

    def fields_of(self, keys: Sequence[str], *names: str) -> dict[str, list[str | None]]:
        """Return the values of some fields of several hashes: one round trip a server."""
        replies = self.exchange([("HMGET", key, *names) for key in keys])
        return dict(zip(keys, cast("list[list[str | None]]", replies), strict=True))

    def exchange(self, commands: Sequence[Command], *, shared: bool = True) -> list[Reply]:
        """Send commands that are safe to send twice, by their keys: one round trip a server.

        `shared` with other requests of the worker; not where the replies are long.
        """
        replies: list[Reply] = [None] * len(commands)
        for server, own in self._by_server(str(command[1]) for command in commands).items():
            results = server.exchange([commands[n] for n in own], repeatable=shared)
            for n, result in zip(own, results, strict=True):
                replies[n] = _reply(result)
        return replies

    def call_once(self, name: str, keys: list[str], *args: str | int) -> Reply:
        """Run a script once: a write that got no reply may have happened."""
        return self._run([Call(name, keys, args)], repeatable=False)[0]

    def call(self, name: str, keys: list[str], *args: str | int) -> Reply:
        """Run a script that is safe to run twice, and run it again if no reply came."""
        return self.pipeline([Call(name, keys, args)])[0]

    def pipeline(self, calls: list[Call]) -> list[Reply]:
        """Run several scripts like `call`, in one round trip; in a cluster one for each node."""
        try:
            return self._run(calls, repeatable=True)
        except (RedisConnectionError, RedisTimeoutError):
            return self._run(calls, repeatable=True)

    def _run(self, calls: list[Call], *, repeatable: bool) -> list[Reply]:
        results = self._send("EVALSHA", calls, repeatable=repeatable)
        faults = [n for n, result in enumerate(results) if isinstance(result, RedisError)]
        not_run = [n for n in faults if isinstance(results[n], NOT_RUN)]
        if not_run:
            # EVAL carries the text, for a server that does not know the script.
            again = self._send("EVAL", [calls[n] for n in not_run], repeatable=repeatable)
            for n, result in zip(not_run, again, strict=True):
                results[n] = result
        for n in faults:
            _reply(results[n])
        return cast("list[Reply]", results)

    def _send(self, verb: Verb, calls: list[Call], *, repeatable: bool) -> list[Result]:
        """Send each call to the server of its keys; return the results in the order of calls."""
        by_server = self._by_server([call.keys[0] for call in calls])
        if len(by_server) == 1:
            return self._exchange(next(iter(by_server)), verb, calls, repeatable=repeatable)
        results: list[Result] = [None] * len(calls)
        for server, own in by_server.items():
            got = self._exchange(server, verb, [calls[n] for n in own], repeatable=repeatable)
            for n, result in zip(own, got, strict=True):
                results[n] = result
        return results

    def _by_server(self, keys: Iterable[str]) -> dict[Server, list[int]]:
        """Return the places of keys by the server that holds them."""
        found: dict[Server, list[int]] = {}
        for place, key in enumerate(keys):
            found.setdefault(self.redis.server_for(key), []).append(place)
        return found

    def _command(self, verb: Verb, call: Call) -> Command:
        script = self._scripts[call.name]
        name = script.sha if verb == "EVALSHA" else script.text
        return (verb, name, len(call.keys), *call.keys, *call.args)

    def _exchange(
        self, server: Server, verb: Verb, calls: list[Call], *, repeatable: bool
    ) -> list[Result]:
        """Make one round trip; raise TooFewReplicas if the reply to WAIT says so."""
        began = time.perf_counter()
        waits = self._wait > 0 and any(self._scripts[call.name].durable for call in calls)
        commands = [self._command(verb, call) for call in calls]
        if waits:
            commands.append(("WAIT", self._wait, WAIT_MS))
        try:
            # A WAIT would delay the other requests of a batch.
            results = server.exchange(commands, repeatable=repeatable and not waits)
        except RedisError as fault:
            self.redis.invalidate(fault)
            raise
        finally:
            metrics.redis(calls[-1].name).observe(time.perf_counter() - began)
        confirmed = results.pop() if waits else None
        faults = [result for result in results if isinstance(result, RedisError)]
        for known in faults:
            self.redis.invalidate(known)
        if waits and not faults and not all(_wrote_nothing(result) for result in results):
            self._require_replicas(integer(_reply(confirmed)))
        return results

    def _require_replicas(self, confirmed: int) -> None:
        if confirmed < self._wait:
            raise TooFewReplicas(
                f"{confirmed} of {plural(self._wait, 'replica')} had it after {WAIT_MS} ms"
            )


def _reply(result: Result) -> Reply:
    if isinstance(result, RedisError):
        raise result
    return result


def _wrote_nothing(result: Result) -> bool:
    """Return whether a script met a key that was not declared: it is run again, and waits then."""
    return isinstance(result, list) and result[:1] == ["undeclared"]


@cache
def _load(folder: ScriptFolder) -> Mapping[str, Script]:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.directory.glob("*.lua")}
    prelude = texts.pop(PRELUDE, "")
    return {
        name: _script(_used(prelude, text) + text, durable=name in folder.durable)
        for name, text in texts.items()
    }


def _used(prelude: str, text: str) -> str:
    """Return the parts of a prelude that a script uses, itself or through others of them.

    Redis makes each function of a script anew at each run. A blank line ends a part, and no part
    uses one behind it.
    """
    used = ""
    for part in reversed(prelude.rstrip().split("\n\n")):
        names = [name for match in DEFINED.findall(part) for name in match.split(", ")]
        if any(re.search(rf"\b{name}\b", used + text) for name in names):
            used = f"{part}\n\n{used}"
    return used


def _script(text: str, *, durable: bool) -> Script:
    sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return Script(text, sha, durable)
