"""What a fault of Redis means: one word for programs, one sentence for operators."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from redis.exceptions import RedisError

State = Literal["ok", "out", "full", "read-only"]
"""The state of Redis: `full` and `read-only` answer reads and refuse writes."""


class Cause(NamedTuple):
    """The meaning of a fault whose type, code or text matches `pattern`."""

    pattern: re.Pattern[str]
    state: State
    sentence: str


def _cause(pattern: str, state: State, sentence: str) -> Cause:
    return Cause(re.compile(pattern, re.IGNORECASE), state, sentence)


CAUSES = (
    _cause(
        r"bad lua script|undeclared key|number of keys can't be",
        "out",
        "Redis refuses a script for the keys that it uses; on Alibaba Cloud set the parameter "
        "script_check_enable to 0",
    ),
    _cause(
        r"\bOOM\b|OutOfMemory",
        "full",
        "Redis is full: raise its maxmemory, or let it hold less beside the sessions",
    ),
    _cause(
        r"\bNOREPLICAS\b|Not enough good replicas",
        "read-only",
        "Redis refuses writes: it has fewer replicas than its min-replicas-to-write asks for",
    ),
    _cause(
        r"\bMISCONF\b",
        "read-only",
        "Redis refuses writes: it cannot write to its disk",
    ),
    _cause(
        r"\bREADONLY\b|is a replica",
        "read-only",
        "this Redis is a replica and takes no writes: WXLOGIN_REDIS_URL has to lead to the primary",
    ),
    _cause(
        r"\bMASTERDOWN\b",
        "out",
        "this Redis is a replica that lost its primary",
    ),
    _cause(r"\bLOADING\b|BusyLoading", "out", "Redis is still loading its data from disk"),
    _cause(r"\bBUSY\b", "out", "Redis is busy with a script of somebody's"),
    _cause(
        r"\bNOPERM\b|NoPermission",
        "out",
        "the Redis user may not do what wxlogin needs; docs/redis.md has the rights",
    ),
    _cause(
        r"\bNOAUTH\b|Authentication required",
        "out",
        "Redis asks for a password, and WXLOGIN_REDIS_URL has none",
    ),
    _cause(
        r"\bWRONGPASS\b|AuthenticationError|invalid password|without any password configured",
        "out",
        "Redis refuses the user or password of WXLOGIN_REDIS_URL",
    ),
    _cause(
        r"\bCROSSSLOT\b|\bMOVED\b|\bASK\b|TryAgain",
        "out",
        "the key belongs to another node: a cluster is named by redis+cluster://, and while one "
        "of its slots moves its users have to wait",
    ),
    _cause(
        r"no sentinel knows",
        "out",
        "the sentinels know no primary of the name in WXLOGIN_REDIS_URL that is up",
    ),
    _cause(r"\bCLUSTERDOWN\b|no primary is known", "out", "no primary serves this part of Redis"),
    _cause(r"max number of clients", "out", "Redis takes no more connections (maxclients)"),
    _cause(
        r"unknown (redis )?command|not support|after non deterministic|wrong number of arg",
        "out",
        "Redis, or a proxy before it, does not know what wxlogin needs: it has to be Redis 5.0 or "
        "newer, with scripts (EVAL and EVALSHA)",
    ),
    _cause(
        r"CERTIFICATE|\bSSL\b|\bTLS\b",
        "out",
        "the TLS connection to Redis failed; ssl_ca_certs in WXLOGIN_REDIS_URL names whom to trust",
    ),
    _cause(r"TooFewReplicas", "read-only", "fewer replicas than WXLOGIN_REDIS_WAIT asks for"),
    _cause(
        r"not reconciled",
        "out",
        "Redis is not the one that was left: what the database says was ended is ended in it first",
    ),
    _cause(r"Timeout|timed out", "out", "Redis does not answer in time"),
    _cause(
        r"UnexpectedReply",
        "out",
        "Redis, or a proxy before it, gave a reply that wxlogin does not know",
    ),
)
"""The first that matches counts."""


def cause_of(fault: RedisError) -> Cause:
    """Return the cause of a fault; an unknown fault means that Redis cannot be reached."""
    words = f"{type(fault).__name__} {getattr(fault, 'status_code', None) or ''} {fault}"
    found = (cause for cause in CAUSES if cause.pattern.search(words))
    return next(found, _cause("", "out", "Redis cannot be reached"))


def explain(fault: RedisError) -> str:
    """Return the sentence for a fault, and the fault's own words behind it."""
    words = str(fault).partition("\n")[0]
    return f"{cause_of(fault).sentence} ({type(fault).__name__}: {words})"
