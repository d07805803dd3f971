"""Fills Redis with signed-in users through the store's own code, many logins an exchange."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bench.contestants import DRAFT
from wxlogin.clock import system_clock
from wxlogin.redisdb import Scripts
from wxlogin.redisdb.cluster import Server
from wxlogin.redisdb.replies import Reply
from wxlogin.sessions import DevicePolicy, Lifetimes, SessionStore, TokenRef, Tokens
from wxlogin.sessions.tokens import new_public_id
from wxlogin.wiring import SCRIPT_FOLDERS

TOKENS = Tokens(["Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA"])
LIFETIMES = Lifetimes(604_800, 2_592_000)
DEVICES = DevicePolicy("off", 12, "evict")
AT_ONCE = 500


class QueuedScripts(Scripts):
    """Scripts that are queued until `send`; each login gets a successful reply."""

    def __init__(self, redis: Server) -> None:
        super().__init__(redis, SCRIPT_FOLDERS)
        self._queue = redis.pipeline(transaction=False)
        self._records: dict[str, list[str]] = defaultdict(list)
        for script in self._scripts.values():
            redis.script_load(script.text)

    def call_once(self, name: str, keys: list[str], *args: str | int) -> Reply:
        """Queue a script; a login declares the user's sessions of logins before it."""
        if name == "create":
            index, record = keys[0], keys[4]
            keys = [*keys, *self._records[index]]
            self._records[index].append(record)
        sha = self._scripts[name].sha
        self._queue.execute_command(  # type: ignore[no-untyped-call]
            "EVALSHA", sha, len(keys), *keys, *args
        )
        if len(self._queue) >= AT_ONCE:
            self.send()
        return ["created", []]

    def call(self, name: str, keys: list[str], *args: str | int) -> Reply:
        """Queue a script."""
        return self.call_once(name, keys, *args)

    def send(self) -> None:
        """Send the queued scripts."""
        self._queue.execute()


def store_on(scripts: Scripts) -> SessionStore:
    """A store with the default settings."""
    return SessionStore(scripts, system_clock, LIFETIMES, DEVICES)


@contextmanager
def queued(redis: Server) -> Iterator[QueuedScripts]:
    """Yield scripts that are all sent in the end."""
    scripts = QueuedScripts(redis)
    yield scripts
    scripts.send()


def sign_in(store: SessionStore, devices: int) -> list[TokenRef]:
    """A user on so many devices."""
    public_id = new_public_id()
    refs = [TOKENS.mint(public_id)[1] for _ in range(devices)]
    for ref in refs:
        store.create(ref, DRAFT, None)
    return refs


def fill(redis: Server, sessions: int, devices: int) -> list[list[TokenRef]]:
    """Fill the store to at least so many sessions; return what each user has."""
    with queued(redis) as scripts:
        store = store_on(scripts)
        return [sign_in(store, devices) for _ in range(0, sessions, devices)]


def empty(redis: Server) -> None:
    """Delete everything at once; by default the server would go on freeing in the background."""
    redis.execute_command("FLUSHDB", "SYNC")
