"""Redis: each primary takes writes, and is set up to keep sessions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from wxlogin.clock import Clock
from wxlogin.doctor.findings import Finding, Kind
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import redis as kinds
from wxlogin.redisdb import causes, keys
from wxlogin.redisdb.causes import State

PROBE_MS = 60_000
NEEDED, SUPPORTED = (5, 0), (6, 2)
NEARLY_FULL_PERCENT = 80
CLOCK_SECONDS = 5
KEPT = "noeviction"
SAVES = ("aof_last_write_status", "rdb_last_bgsave_status")

BY_STATE: Mapping[State, Kind] = {
    "out": kinds.OUT,
    "full": kinds.FULL,
    "read-only": kinds.READ_ONLY,
}

Info = Mapping[str, Any]


def check_redis(installation: Installation) -> list[Finding]:
    """Write to every primary, then ask it how it is set up."""
    scripts = installation.scripts
    try:
        names = scripts.redis.one_key_per_server(keys.probes())
    except RedisError as error:
        return [_fault(error)]
    found = []
    for name in names:
        try:
            scripts.call_once("probe", [name], secrets.token_hex(8), PROBE_MS)
        except RedisError as error:
            found.append(_fault(error))
        found += _examine(installation, scripts.redis.server_for(name))
    return found


def _fault(error: RedisError) -> Finding:
    return BY_STATE[causes.cause_of(error).state].found(reason=causes.explain(error))


def _examine(installation: Installation, redis: Redis) -> list[Finding]:
    server = _address(redis)
    try:
        info = cast("Info", redis.info())
        seconds, _ = redis.time()
    except RedisError as error:
        refused = "NOPERM" in str(error) or "NoPermission" in type(error).__name__
        reason = causes.explain(error)
        return [kinds.NO_INFO.found(server=server, reason=reason)] if refused else []
    return [
        *_version(server, info),
        *_memory(server, info),
        *_persistence(server, info, redis),
        *_saves(server, info),
        *_replicas(server, info, installation.settings.redis_wait),
        *_clock(server, seconds, installation.clock),
    ]


def _address(redis: Redis) -> str:
    at = redis.connection_pool.connection_kwargs
    return str(at["path"]) if "path" in at else f"{at.get('host')}:{at.get('port')}"


def _version(server: str, info: Info) -> list[Finding]:
    text = str(info.get("redis_version", ""))
    number = re.match(r"(\d+)\.(\d+)", text)
    version = (int(number[1]), int(number[2])) if number else SUPPORTED
    if version < NEEDED:
        return [kinds.TOO_OLD.found(server=server, version=text)]
    return [kinds.OLD.found(server=server, version=text)] if version < SUPPORTED else []


def _memory(server: str, info: Info) -> list[Finding]:
    policy, most = str(info.get("maxmemory_policy", KEPT)), int(info.get("maxmemory", 0))
    found = [kinds.EVICTS.found(server=server, policy=policy)] if policy != KEPT else []
    percent = int(info.get("used_memory", 0)) * 100 // most if most else 0
    if percent >= NEARLY_FULL_PERCENT:
        found.append(kinds.NEARLY_FULL.found(server=server, percent=percent))
    return found


def _persistence(server: str, info: Info, redis: Redis) -> list[Finding]:
    if int(info.get("aof_enabled", 0)):
        return []
    try:
        # Asked without an AOF alone: the app's own user may not read the configuration.
        snapshots = cast("dict[str, str]", redis.config_get("save")).get("save", "?")
    except RedisError:
        snapshots = "?"
    kind = kinds.NO_AOF if snapshots else kinds.NO_PERSISTENCE
    return [kind.found(server=server)]


def _saves(server: str, info: Info) -> list[Finding]:
    failed = [name for name in SAVES if info.get(name, "ok") != "ok"]
    return [kinds.SAVE_FAILED.found(server=server, what=", ".join(failed))] if failed else []


def _replicas(server: str, info: Info, wanted: int) -> list[Finding]:
    states = [info[name] for name in info if re.fullmatch(r"slave\d+", name)]
    inside = sum(isinstance(state, dict) and state.get("state") == "online" for state in states)
    if inside >= wanted:
        return []
    return [kinds.FEW_REPLICAS.found(server=server, replicas=inside, wanted=wanted)]


def _clock(server: str, seconds: int, clock: Clock) -> list[Finding]:
    off = abs(round(clock()) - seconds)
    return [kinds.CLOCK.found(server=server, seconds=off)] if off > CLOCK_SECONDS else []
