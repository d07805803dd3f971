"""The running hosts: each worker notes itself in Redis, with its keys and WeChat's last answers."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, cast

from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.keyring.errors import HostsDisagree
from wxlogin.keyring.rings import SETTINGS
from wxlogin.redisdb import Scripts, keys
from wxlogin.vault.derivation import KeyKind
from wxlogin.wechat.last_answers import Answers

NOTE_SECONDS = 5.0
LIVE_SECONDS = 30.0
"""A worker that was silent for longer has ended."""
HASH_MS = 60_000
ASK_SECONDS = 1.0
"""How often a token of an unknown key makes a worker look whether a host has just come."""
USE_SECONDS = 600.0

logger = logging.getLogger(__name__)


class HostNote(BaseModel):
    """What a worker notes: its host, its process, the ids of its rings, newest first."""

    v: int = 1
    host: str
    pid: int
    version: str
    data: list[str]
    index: list[str]
    signing: list[str]
    at: float
    wechat: Answers = {}
    """WeChat's last answers to this worker, by app."""

    def ids(self, kind: KeyKind) -> list[str]:
        """Return the ids of one ring."""
        return {"data": self.data, "index": self.index, "signing": self.signing}[kind]


class Lag(NamedTuple):
    """A host whose ring is another than the one here."""

    host: str
    kind: KeyKind
    there: tuple[str, ...]
    here: tuple[str, ...]

    def __str__(self) -> str:
        there, here = ",".join(self.there), ",".join(self.here)
        return f"{self.host} has {SETTINGS[self.kind]} {there}, this host {here}"


class Hosts:
    """The running hosts, as their workers noted themselves in the last seconds."""

    def __init__(
        self,
        scripts: Scripts,
        rings: dict[KeyKind, list[str]],
        version: str,
        clock: Clock,
        note_use: Callable[[], None] = lambda: None,
        last_answers: Callable[[], Answers] = dict,
    ) -> None:
        """`rings` are the ids here. `note_use` is called every ten minutes while this runs.

        `last_answers` returns what WeChat answered this worker last, which is noted too.
        """
        self._scripts = scripts
        self.rings = rings
        self._version = version
        self._clock = clock
        self._note_use = note_use
        self._last_answers = last_answers
        self._worker = ""
        self._elsewhere: frozenset[str] = frozenset()
        self._next_use = self._asked_at = 0.0
        self._unknown = False
        self._task = BackgroundTask("hosts", self._refresh)

    def start(self) -> None:
        """Note this worker now and every few seconds from here on."""
        self._refresh()

    def stop(self) -> None:
        """Take this worker's note away."""
        self._task.stop()
        worker, self._worker = self._worker, ""
        if worker:
            with suppress(RedisError):  # then it lapses
                self._scripts.redis.hdel(keys.hosts(), worker)

    def note(self) -> None:
        """Note this worker, and learn from the others."""
        if not self._worker:
            unique = secrets.token_hex(4)  # a process may hold several apps
            self._worker = f"{socket.gethostname()}:{os.getpid()}:{unique}"
        note = HostNote(
            host=socket.gethostname(),
            pid=os.getpid(),
            version=self._version,
            at=self._clock(),
            data=self.rings["data"],
            index=self.rings["index"],
            signing=self.rings["signing"],
            wechat=self._last_answers(),
        )
        args = (HASH_MS, self._worker, note.model_dump_json())
        self._scripts.call("write_hash", [keys.hosts()], *args)
        self.all()

    def all(self) -> list[HostNote]:
        """Return the notes of the workers that run, by host."""
        found = cast("dict[str, str]", self._scripts.redis.hgetall(keys.hosts()))
        notes = {name: _parse(text) for name, text in found.items()}
        now = self._clock()
        live = [note for note in notes.values() if note and abs(now - note.at) < LIVE_SECONDS]
        ended = [name for name, note in notes.items() if note not in live]
        if ended:
            self._scripts.redis.hdel(keys.hosts(), *ended)
        signing = {key_id for note in live for key_id in note.signing}
        self._elsewhere = frozenset(signing - set(self.rings["signing"]))
        return sorted(live, key=lambda note: (note.host, note.pid))

    def lagging(self) -> list[Lag]:
        """Return the hosts whose rings are others than the ones here, once for each ring."""
        return list(dict.fromkeys(self._lags()))

    def require_agreement(self) -> None:
        """HostsDisagree, naming the hosts, unless all have the keys of this one in its order."""
        if lagging := self.lagging():
            told = "; ".join(map(str, lagging))
            raise HostsDisagree(
                f"Running hosts have different keys: {told}. Bring all to the same keys in the "
                "same order, reload them, and run this again."
            )

    def signs_elsewhere(self, key_id: str) -> bool:
        """Return whether another running host has a signing key that is not here.

        This is known without a round trip, but for one a second at most; RedisError if that fails.
        A process that does not note itself serves nobody, and asks nobody.
        """
        if key_id in self._elsewhere or not self._worker:
            return key_id in self._elsewhere
        if time.monotonic() - self._asked_at >= ASK_SECONDS:
            self._ask()
        if self._unknown:
            raise RedisError("the keys of the other hosts cannot be read")
        return key_id in self._elsewhere

    def _ask(self) -> None:
        self._asked_at = time.monotonic()
        try:
            self.all()
        except RedisError:
            self._unknown = True
        else:
            self._unknown = False

    def _lags(self) -> Iterator[Lag]:
        for note in self.all():
            for kind, here in self.rings.items():
                if note.ids(kind) != here:
                    yield Lag(note.host, kind, tuple(note.ids(kind)), tuple(here))

    def _refresh(self) -> None:
        """Note, and come back; a store that is out is tried again then."""
        self._task.schedule(NOTE_SECONDS)
        try:
            self.note()
            if time.monotonic() >= self._next_use:
                self._note_use()
                self._next_use = time.monotonic() + USE_SECONDS
        except (RedisError, SQLAlchemyError) as fault:
            logger.warning("the keys of this host are not noted: %s", type(fault).__name__)


def _parse(text: str) -> HostNote | None:
    try:
        return HostNote.model_validate_json(text)
    except ValidationError:  # of a newer version
        return None
