"""Rotation: everything under the newest data key and the newest index key, one run at a time."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, cast

from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from wxlogin.accounts import KeyUsage
from wxlogin.background_task import BackgroundTask
from wxlogin.clock import Clock
from wxlogin.keyring.errors import KeyringError, RotationLost, RotationRunning
from wxlogin.keyring.hosts import Hosts
from wxlogin.keyring.reindexing import reindex
from wxlogin.keyring.resealing import Pause, Step, reseal
from wxlogin.redisdb import Scripts, keys
from wxlogin.vault import BlindIndex, Vault

LOCK_MS = 30_000
PROGRESS_MS = 86_400_000

RowKind = Literal["data", "index"]
BOTH: tuple[RowKind, ...] = ("data", "index")

logger = logging.getLogger(__name__)


class Progress(BaseModel):
    """How far a rotation has come. `stopped`: its process ended; another run does the rest."""

    v: Literal[1] = 1
    state: Literal["running", "done", "failed", "stopped"]
    kind: RowKind
    done: int
    total: int
    stuck: int
    at: float


class Seals(NamedTuple):
    """What seals and indexes."""

    vault: Vault
    blind_index: BlindIndex


class Rotation:
    """Re-seals and re-indexes, on the command line or in the background of a worker."""

    def __init__(
        self,
        sql: Engine,
        scripts: Scripts,
        seals: Seals,
        hosts: Hosts,
        usage: KeyUsage,
        clock: Clock,
    ) -> None:
        self._sql = sql
        self._scripts = scripts
        self._redis = scripts.redis
        self._seals = seals
        self._hosts = hosts
        self._usage = usage
        self._clock = clock
        self._task = BackgroundTask("key rotation", self._run_in_background)

    def start(self) -> None:
        """Rotate both kinds in the background of this worker.

        HostsDisagree if running hosts have other keys; RotationRunning if one is under way.
        """
        self._hosts.require_agreement()
        if self._holder() is not None:
            raise RotationRunning("Another process is rotating keys.")
        self._save("running", BOTH[0], Step(0, 0, 0), 0)
        self._task.schedule()

    def run(
        self, kinds: Sequence[RowKind], pause: Pause = lambda: None
    ) -> Iterator[tuple[RowKind, Step]]:
        """Rotate these kinds; yield after each batch. It may be stopped and run again.

        HostsDisagree if running hosts have other keys; RotationRunning if another process rotates.
        """
        self._hosts.require_agreement()
        owner = self._lock()
        kind, step, stuck = kinds[0], Step(0, 0, 0), 0
        state: Literal["done", "failed"] = "failed"
        try:
            for kind in kinds:
                for step in self._steps(kind, pause):
                    self._renew(owner)
                    self._save("running", kind, step, stuck)
                    yield kind, step
                stuck += step.stuck
            state = "done"
        finally:
            self._scripts.call_once("release", [keys.key_rotation_lock()], owner)
            self._save(state, kind, step._replace(stuck=0), stuck)
            self._usage.forget()

    def progress(self) -> Progress | None:
        """Return how far the latest rotation has come, None if none was there for a day."""
        try:
            found = Progress.model_validate_json(str(self._redis.get(keys.key_rotation()) or ""))
        except ValidationError:
            return None
        silent = self._clock() - found.at > LOCK_MS / 1000
        if found.state == "running" and silent and self._holder() is None:
            return found.model_copy(update={"state": "stopped"})
        return found

    def stop(self) -> None:
        """Start no further run; one that is under way ends with the process."""
        self._task.refuse_new()

    def _steps(self, kind: RowKind, pause: Pause) -> Iterator[Step]:
        vault, index = self._seals
        if kind == "data":
            return reseal(self._sql, vault, pause)
        return reindex(self._sql, vault, index, pause)

    def _run_in_background(self) -> None:
        try:
            for _ in self.run(BOTH, pause=lambda: time.sleep(0)):  # lets other greenlets run
                pass
        except (KeyringError, RedisError, SQLAlchemyError) as fault:
            logger.warning("the rotation of keys ended: %s", fault)

    def _lock(self) -> str:
        owner = f"{_process()}:{secrets.token_hex(4)}"
        holder = self._holder()
        if holder and _has_ended(holder):
            self._scripts.call_once("release", [keys.key_rotation_lock()], holder)
        if not self._redis.set(keys.key_rotation_lock(), owner, nx=True, px=LOCK_MS):
            raise RotationRunning(
                "Another process is rotating keys; `flask --app wsgi keys list` says how far it is."
            )
        return owner

    def _renew(self, owner: str) -> None:
        if self._holder() not in (owner, None):
            raise RotationLost("Another process took the rotation over.")
        self._redis.set(keys.key_rotation_lock(), owner, px=LOCK_MS)

    def _holder(self) -> str | None:
        return cast("str | None", self._redis.get(keys.key_rotation_lock()))

    def _save(
        self, state: Literal["running", "done", "failed"], kind: RowKind, step: Step, stuck: int
    ) -> None:
        """Save how far it is; `stuck` rows of the kinds before stay told."""
        found = step._replace(stuck=stuck + step.stuck)
        progress = Progress(state=state, kind=kind, at=self._clock(), **found._asdict())
        self._redis.set(keys.key_rotation(), progress.model_dump_json(), px=PROGRESS_MS)


def _process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _has_ended(owner: str) -> bool:
    """Return whether the owner of a lock was a process of this host that is gone."""
    process, _, _ = owner.rpartition(":")
    host, _, pid = process.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (ValueError, PermissionError):
        return False
    return False
