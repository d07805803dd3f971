"""The replies of the scripts on a user's slot, as types or as the errors that they stand for."""

from __future__ import annotations

from typing import NamedTuple

from wxlogin.redisdb.replies import Reply, UnexpectedReply, array, integer, texts
from wxlogin.sessions.errors import (
    AppDisabled,
    DeviceLimitReached,
    SessionError,
    SessionExpired,
    SessionReplaced,
    SessionRevoked,
    UserBanned,
    UserErased,
)


class LiveReply(NamedTuple):
    """The reply of read.lua for a live session.

    The session_key of the user is stored until a time in ms (0: none is). `counts` are the user's
    counters, `record` the fields and values of the session.
    """

    session_key_until: int
    counts: list[Reply]
    record: list[str]


class ByLogin(NamedTuple):
    """The sessions that a login ended: those that it replaced, and those over the limit."""

    replaced: list[str]
    evicted: list[str]


class LoginOutcome(NamedTuple):
    """The reply of login_outcome.lua: whether a session was created, which others were ended."""

    created: bool
    replaced: list[str]
    evicted: list[str]


class Row(NamedTuple):
    """One session in the reply of list.lua: its id, and its fields and values."""

    sid: str
    record: list[str]


class KeptKey(NamedTuple):
    """The reply of keep_session_key.lua: until when, in ms, the session_key is stored (0: none is),
    and the ids of the user's sessions."""

    until: int
    sids: list[str]


def kept(reply: Reply) -> KeptKey:
    """Return until when the user's session_key is stored, and which sessions there are."""
    match reply:
        case ["kept", until, sids]:
            return KeptKey(integer(until), texts(sids))
    raise UnexpectedReply("that of keep_session_key.lua")


def undeclared(reply: Reply) -> list[str]:
    """Return the ids of sessions that a script has to be run again with, or none."""
    match reply:
        case ["undeclared", sids]:
            return texts(sids)
    return []


def created(reply: Reply) -> ByLogin:
    """Return the sessions that a login ended; a SessionError if it was refused."""
    match reply:
        case ["created", endings]:
            return _by_login(texts(endings))
        case ["blocked", str(reason), until]:
            raise _login_error(reason, integer(until))
        case ["full", _]:
            raise DeviceLimitReached
        case ["ended", str(reason), str(until)]:
            raise _ended_error(reason, until)
    raise UnexpectedReply("that of create.lua")


def live(reply: Reply) -> LiveReply:
    """Return the reply for a live session; a SessionError for any other."""
    match reply:
        case ["live", until, counts, record]:
            return LiveReply(integer(until), array(counts), texts(record))
        case ["ended", str(reason), str(until)]:
            raise _ended_error(reason, until)
        case ["unknown"]:
            raise SessionExpired
    raise UnexpectedReply("that of read.lua")


def listed(reply: Reply) -> list[Row]:
    """Return the sessions of a user."""
    match reply:
        case ["listed", rows]:
            return [_row(row) for row in array(rows)]
    raise UnexpectedReply("that of list.lua")


def ended(reply: Reply) -> list[str]:
    """Return the ids of the sessions that a script ended."""
    match reply:
        case ["ended", sids]:
            return texts(sids)
    raise UnexpectedReply("that of finish.lua, block.lua or void.lua")


def unblocked(reply: Reply) -> int:
    """Return 1 if a user was blocked for this reason, else 0."""
    match reply:
        case ["lifted", count]:
            return integer(count)
    raise UnexpectedReply("that of lift.lua")


def login_outcome(reply: Reply) -> LoginOutcome:
    """Return what is known of a session."""
    match reply:
        case ["traced", created, str(endings)]:
            return LoginOutcome(bool(integer(created)), *_by_login(endings.split()))
    raise UnexpectedReply("that of login_outcome.lua")


def _by_login(endings: list[str]) -> ByLogin:
    """Return what `replaced:id` and `evicted:id` say."""
    ended = [ending.partition(":") for ending in endings]
    return ByLogin(
        [sid for how, _, sid in ended if how == "replaced"],
        [sid for how, _, sid in ended if how == "evicted"],
    )


def _row(reply: Reply) -> Row:
    match reply:
        case [str(sid), record]:
            return Row(sid, texts(record))
    raise UnexpectedReply("a row of list.lua")


def _ended_error(reason: str, until: str) -> SessionError:
    """Return the error for a session that ended; `until` is empty unless by a ban."""
    if reason == "banned":
        return UserBanned(integer(until))
    return SessionReplaced() if reason == "replaced" else SessionRevoked()


def _login_error(reason: str, until: int) -> SessionError:
    """Return the error for a login of a user who is blocked."""
    if reason == "banned":
        return UserBanned(until)
    return UserErased() if reason == "erased" else AppDisabled()
