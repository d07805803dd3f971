"""The names of all keys in Redis; `key_table.py` says what stands under them.

All keys of one user carry the user's public id in braces: that is their hash tag, so that they
share a slot of a cluster and one script can touch them. Lua scripts make no names: they get every
key that they touch.

What is of several users, and has to be written in one step with what is of one, carries a name of
their slot.
"""

from __future__ import annotations

from collections.abc import Iterator

from wxlogin.redisdb.slot_tags import slot_of, slot_tags

ROOT = "wxl:1:"
"""The prefix of every key; the number is the version of the layout."""

PROBES = 8192
"""How many names of one kind there are: enough to find one in the slots of every primary."""


def slot(public_id: str) -> str:
    """Return the prefix of all keys of a user."""
    return f"{ROOT}{{{public_id}}}:"


def session(public_id: str, sid: str) -> str:
    """Return the key of a session's record."""
    return f"{slot(public_id)}s:{sid}"


def index(public_id: str) -> str:
    """Return the key of the user's sessions by expiry."""
    return f"{slot(public_id)}i"


def tombstones(public_id: str) -> str:
    """Return the key of the reasons why the user's sessions ended."""
    return f"{slot(public_id)}x"


def ended_by_login(public_id: str) -> str:
    """Return the key of which sessions the user's logins ended."""
    return f"{slot(public_id)}e"


def ended(public_id: str) -> str:
    """Return the key of the ends that SQL does not have yet, of all users of the user's slot."""
    return ended_in(slot_of(public_id))


def ended_in(number: int) -> str:
    """Return the key of the ends that SQL does not have yet, of a slot by its number."""
    return f"{ROOT}{{{slot_tags()[number]}}}:ended"


def session_key(public_id: str) -> str:
    """Return the key of the user's sealed session_key."""
    return f"{slot(public_id)}k"


def mark(public_id: str) -> str:
    """Return the key of the reasons why the user is blocked."""
    return f"{slot(public_id)}b"


def nonce(public_id: str, digest: str) -> str:
    """Return the key of a nonce that one of the user's sessions used."""
    return f"{slot(public_id)}n:{digest}"


def code(digest: str) -> str:
    """Return the key of a WeChat code that was seen here."""
    return f"{ROOT}code:{digest}"


def push(digest: str) -> str:
    """Return the key of a message that WeChat pushed."""
    return f"{ROOT}push:{digest}"


def access_token(appid: str) -> str:
    """Return the key of the app's sealed access_token."""
    return f"{ROOT}access-token:{appid}"


def access_token_lock(appid: str) -> str:
    """Return the key of the lock under which the app's access_token is fetched."""
    return f"{ROOT}access-token-lock:{appid}"


def access_token_reset(appid: str) -> str:
    """Return the key under which one worker makes the second forced refresh of a token."""
    return f"{ROOT}access-token-reset:{appid}"


def phone_calls(appid: str, day: str) -> str:
    """Return the key of how often an app got a phone number on a day."""
    return f"{ROOT}phone-calls:{appid}:{day}"


def scan(scan_id: str) -> str:
    """Return the key of a scan with which a browser is signed in."""
    return f"{ROOT}scan:{scan_id}"


def passkey_challenge(attempt: str) -> str:
    """Return the key of the challenge of an attempt to sign in with a passkey or to make one."""
    return f"{ROOT}passkey:{attempt}"


def found(session: str, name: str) -> str:
    """Return the key of what an admin's session found by a search."""
    return f"{ROOT}found:{session}:{name}"


def clock_difference(host: str) -> str:
    """Return the key of the difference between a host's clock and WeChat's."""
    return f"{ROOT}clock:{host}"


def probes() -> Iterator[str]:
    """Yield the keys that `/readyz` may write."""
    return (f"{ROOT}probe:{number}" for number in range(PROBES))


def certificate(place: str) -> str:
    """Return the key of what was seen of the certificate of a `host/port`."""
    return f"{ROOT}certificate:{place}"


def certificate_turn(place: str) -> str:
    """Return the key that says that somebody has looked at it within the hour."""
    return f"{ROOT}certificate-turn:{place}"


def apps_version() -> str:
    """Return the key of the version that changes with every change of a mini-program or webhook."""
    return f"{ROOT}apps"


def applied_changes() -> Iterator[str]:
    """Yield the keys of what changes of mini-programs have reached; one a primary is used."""
    return (f"{ROOT}app-changes:{number}" for number in range(PROBES))


def reconciled(server_id: str) -> str:
    """Return the key that says that a server was reconciled with SQL."""
    return f"{ROOT}reconciled:{server_id}"


def key_usage(digest: str) -> str:
    """Return the key of the latest count of rows by encryption key."""
    return f"{ROOT}key-usage:{digest}"


def statistics(steps: int, step_seconds: int) -> str:
    """Return the key of the overview's figures over so many steps of this length."""
    return f"{ROOT}statistics:{steps}x{step_seconds}"


def hosts() -> str:
    """Return the key of the notes of running workers."""
    return f"{ROOT}hosts"


def key_rotation() -> str:
    """Return the key of the progress of the latest rotation."""
    return f"{ROOT}key-rotation"


def key_rotation_lock() -> str:
    """Return the key of the lock of the process that rotates keys."""
    return f"{ROOT}key-rotation-lock"


def live(shard: int) -> str:
    """Return the key of one shard of the index of live sessions."""
    return f"{ROOT}live:{shard}"


def user_limits(public_id: str) -> str:
    """Return the prefix of the user's rate limit counters."""
    return f"{slot(public_id)}l"


def address_limits(address_key: str) -> str:
    """Return the prefix of an address's rate limit counters."""
    return f"{ROOT}l/{address_key}"


def subject_limits(digest: str) -> str:
    """Return the prefix of the rate limit counters of an admin's name or an API token."""
    return f"{ROOT}l/{digest}"


def admin_sessions(public_id: str) -> str:
    """Return the key of an admin's sessions."""
    return f"{ROOT}admin:{public_id}"


def api_tokens_version() -> str:
    """Return the key of the version that changes with every change of an API token."""
    return f"{ROOT}api-tokens"


def audit_head() -> str:
    """Return the key of the latest entry of the audit trail."""
    return f"{ROOT}audit-head"


def user_rules(public_id: str) -> str:
    """Return the prefix of the counters for alerts about a user."""
    return f"{slot(public_id)}r"


def rules(subject: str) -> str:
    """Return the prefix of the counters for alerts about an address or an app."""
    return f"{ROOT}r/{subject}"


def doctor(digest: str) -> str:
    """Return the key of a nonce with which the doctor calls from outside."""
    return f"{ROOT}doctor:{digest}"
