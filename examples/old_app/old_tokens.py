"""Tokens as teams make them: a hand-made JWT, a table of sessions, Sa-Token's keys in Redis."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from contextlib import closing
from typing import Protocol, cast

from redis import Redis

LIFE = 30 * 86_400
"""Seconds for which a token is good."""


class OldTokens(Protocol):
    """One of the three."""

    def issue(self, user: int, openid: str, session_key: str) -> str:
        """Return a new token of a user."""
        ...

    def user_of(self, token: str) -> int | None:
        """Return whose token it is, None if it is nobody's or over."""
        ...


class HandMadeJwt:
    """HS256 by hand: nothing is stored, so nobody can be signed out."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def issue(self, user: int, openid: str, session_key: str) -> str:  # noqa: ARG002
        """Return a new token of a user."""
        claims = {"sub": str(user), "exp": int(time.time()) + LIFE}
        head = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{head}.{self._signature(head)}"

    def user_of(self, token: str) -> int | None:
        """Return whose token it is."""
        head, _, signature = token.rpartition(".")
        if not head.isascii() or not hmac.compare_digest(signature.encode(), self._mac(head)):
            return None
        body = head.partition(".")[2]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return int(claims["sub"]) if claims["exp"] > time.time() else None

    def _signature(self, head: str) -> str:
        return self._mac(head).decode()

    def _mac(self, head: str) -> bytes:
        mac = hmac.digest(self._key, head.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac).rstrip(b"=")


class SessionTable:
    """A table of sessions with the openid and session_key, as beside EasyWeChat or WxJava."""

    SCHEMA = """
    CREATE TABLE IF NOT EXISTS wx_session (
        token TEXT PRIMARY KEY, openid TEXT NOT NULL, session_key TEXT NOT NULL,
        expires_at INTEGER NOT NULL);
    """

    def __init__(self, database: str) -> None:
        self._database = database
        with closing(sqlite3.connect(database)) as sql:
            sql.executescript(self.SCHEMA)

    def issue(self, user: int, openid: str, session_key: str) -> str:  # noqa: ARG002
        """Return a new token of a user."""
        token = secrets.token_hex(16)
        row = (token, openid, session_key, int(time.time()) + LIFE)
        with closing(sqlite3.connect(self._database)) as sql, sql:
            sql.execute("INSERT INTO wx_session VALUES (?, ?, ?, ?)", row)
        return token

    def user_of(self, token: str) -> int | None:
        """Return whose token it is."""
        found = "SELECT u.id FROM wx_session s JOIN users u ON u.openid = s.openid"
        with closing(sqlite3.connect(self._database)) as sql:
            query = f"{found} WHERE s.token = ? AND s.expires_at > ?"
            row = sql.execute(query, (token, int(time.time()))).fetchone()
        return int(row[0]) if row else None


class SaTokenKeys:
    """The keys that Sa-Token writes into Redis: by token, the id of the user."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def issue(self, user: int, openid: str, session_key: str) -> str:  # noqa: ARG002
        """Return a new token of a user."""
        token = secrets.token_hex(16)
        self._redis.set(f"satoken:login:token:{token}", user, ex=LIFE)
        return token

    def user_of(self, token: str) -> int | None:
        """Return whose token it is."""
        user = cast("bytes | None", self._redis.get(f"satoken:login:token:{token}"))
        return int(user) if user else None


def _encoded(value: dict[str, object]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
