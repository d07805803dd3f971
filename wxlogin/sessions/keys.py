"""The names of every key in Redis, and the table that says what each is for.

All keys of one user carry the user's tag in braces, so that they share a slot of a cluster and one
script can touch them. The tag is the user's public id. The scripts in `lua/` make these names from
the slot's prefix; tests hold the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

ROOT = "wxl:1:"
"""Every key starts so; the number is the layout's version."""


class KeyRow(NamedTuple):
    """One row of the table in docs/redis.md."""

    pattern: str
    type: str
    ttl: str
    owner: str
    meaning: str


TABLE = (
    KeyRow(
        "wxl:1:{tag}:s:<id>",
        "hash",
        "the nearer of the idle and the absolute limit; 30 s once replaced",
        "sessions/store.py",
        "One session.",
    ),
    KeyRow(
        "wxl:1:{tag}:i",
        "sorted set",
        "as the user's longest session",
        "sessions/store.py",
        "The user's sessions, by the time at which each expires.",
    ),
    KeyRow(
        "wxl:1:{tag}:x",
        "hash",
        "24 h after the latest end",
        "sessions/store.py",
        "Tombstones: why a session ended and when, and until when a ban lasts; the latest 20.",
    ),
    KeyRow(
        "wxl:1:{tag}:k",
        "hash",
        "`WXLOGIN_SESSION_KEY_TTL`, 7200 s at most",
        "sessions/session_keys.py",
        "WeChat's session_key of the user, sealed: the current and the previous one.",
    ),
    KeyRow(
        "wxl:1:{tag}:n:<digest>",
        "string",
        "660 s",
        "sessions/nonces.py",
        "A nonce of a signed request, by a digest of session and nonce.",
    ),
    KeyRow(
        "wxl:1:{tag}:b",
        "hash",
        "1 h after the latest mark",
        "sessions/store.py",
        "Marks on which every login of the user is refused: `banned` and until when, `erased`, "
        "`app` for one that is disabled. Before a mark goes, SQL has long said the same.",
    ),
    KeyRow(
        "wxl:1:{tag}:l/<limit>",
        "string",
        "until its window ends",
        "sessions/windows.py",
        "A counter of the user's: limit, amount, window.",
    ),
    KeyRow(
        "wxl:1:l/<limit>",
        "string",
        "until its window ends",
        "sessions/windows.py",
        "A counter of an address, of an admin's name (by a digest) or of an API token: whose, "
        "limit, amount, window.",
    ),
    KeyRow(
        "wxl:1:admin:<id>",
        "hash",
        "`WXLOGIN_ADMIN_MAX_AGE` after the latest sign-in",
        "operators/admin_sessions.py",
        "An admin's sessions, each a JSON record by its id; the deadlines stand in the record.",
    ),
    KeyRow(
        "wxl:1:api-tokens",
        "string",
        "24 h",
        "operators/api_tokens.py",
        "Changes with every change of an API token; workers read the database when it does.",
    ),
    KeyRow(
        "wxl:1:audit-head",
        "hash",
        "a year after the latest entry",
        "watch/audit.py",
        "Number and MAC of the latest entry of the audit trail, so that a cut tail shows.",
    ),
    KeyRow(
        "wxl:1:live:<shard>",
        "sorted set",
        "`WXLOGIN_SESSION_MAX_AGE` after the latest login",
        "sessions/live.py",
        "Live sessions by the time of their login, for the console; 64 shards, by user.",
    ),
    KeyRow(
        "wxl:1:{tag}:r/<limit>",
        "string",
        "until its window ends",
        "watch/rules.py",
        "A counter of the user's that alerts are made by: rule, amount, window.",
    ),
    KeyRow(
        "wxl:1:r/<limit>",
        "string",
        "until its window ends",
        "watch/rules.py",
        "As above, of an address or an appid; `users` are counted in a HyperLogLog.",
    ),
    KeyRow(
        "wxl:1:access-token:<appid>",
        "hash",
        "as WeChat says",
        "wechat/access_tokens.py",
        "The app's access_token, sealed.",
    ),
    KeyRow(
        "wxl:1:access-token-lock:<appid>",
        "string",
        "15 s",
        "wechat/access_tokens.py",
        "Who is fetching the app's access_token.",
    ),
    KeyRow(
        "wxl:1:apps",
        "string",
        "24 h",
        "accounts/apps.py",
        "Changes with every change of a mini-program; workers read the database when it does.",
    ),
    KeyRow(
        "wxl:1:code:<digest>",
        "string",
        "600 s",
        "sessions/codes.py",
        "A code that was seen here, by a digest of its kind, appid and code.",
    ),
)


def slot(tag: str) -> str:
    """What the names of all keys of one user start with."""
    return f"{ROOT}{{{tag}}}:"


def session(tag: str, sid: str) -> str:
    """The record of one session."""
    return f"{slot(tag)}s:{sid}"


def index(tag: str) -> str:
    """The user's sessions by expiry."""
    return f"{slot(tag)}i"


def tombstones(tag: str) -> str:
    """Why the user's sessions ended."""
    return f"{slot(tag)}x"


def session_key(tag: str) -> str:
    """The user's sealed session_key."""
    return f"{slot(tag)}k"


def mark(tag: str) -> str:
    """Why the user's logins are refused."""
    return f"{slot(tag)}b"


def nonce(tag: str, digest: str) -> str:
    """A nonce that one of the user's sessions spent."""
    return f"{slot(tag)}n:{digest}"


def code(digest: str) -> str:
    """The mark of a code that was seen here."""
    return f"{ROOT}code:{digest}"


def access_token(appid: str) -> str:
    """The app's sealed access_token."""
    return f"{ROOT}access-token:{appid}"


def access_token_lock(appid: str) -> str:
    """Who is fetching the app's access_token."""
    return f"{ROOT}access-token-lock:{appid}"


def apps_version() -> str:
    """What changes with every change of a mini-program."""
    return f"{ROOT}apps"


def live(shard: int) -> str:
    """One part of the index of all live sessions."""
    return f"{ROOT}live:{shard}"


def user_limits(tag: str) -> str:
    """What the names of the user's counters start with."""
    return f"{slot(tag)}l"


def address_limits(address_key: str) -> str:
    """What the names of an address's counters start with."""
    return f"{ROOT}l/{address_key}"


def subject_limits(digest: str) -> str:
    """What the names of the counters of an admin's name or an API token start with."""
    return f"{ROOT}l/{digest}"


def admin_sessions(public_id: str) -> str:
    """The sessions of one admin."""
    return f"{ROOT}admin:{public_id}"


def api_tokens_version() -> str:
    """What changes with every change of an API token."""
    return f"{ROOT}api-tokens"


def audit_head() -> str:
    """The latest entry of the audit trail."""
    return f"{ROOT}audit-head"


def user_rules(tag: str) -> str:
    """What the names of the counters start with that alerts about a user are made by."""
    return f"{slot(tag)}r"


def rules(subject: str) -> str:
    """What the names of the counters start with that alerts about an address or app are made by."""
    return f"{ROOT}r/{subject}"
