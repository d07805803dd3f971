"""What holds the audit trail together: the MAC of each entry, and the head in Redis."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import NamedTuple

from config_values import DataKey
from wxlogin.models import AuditEntry
from wxlogin.sessions import Scripts, keys

PURPOSE = b"wxlogin.audit.v1"
START = "0" * 64
"""What stands for the MAC before the first entry."""
HEAD_MS = 365 * 86_400_000
HEAD_LOST = "audit.head_lost"
TAIL_CUT = "audit.tail_cut"


class Head(NamedTuple):
    """Number and MAC of an entry."""

    number: int
    mac: str


class Chain:
    """Makes MACs. The keys are derived from those for data at rest; each entry names its own."""

    def __init__(self, data_keys: Sequence[DataKey]) -> None:
        self.newest = data_keys[0].id
        self._keys = {key.id: hmac.digest(key.key, PURPOSE, "sha256") for key in data_keys}

    def mac(self, entry: AuditEntry, before: str) -> str | None:
        """What an entry's MAC should be behind the one before; None where its key is not held."""
        key = self._keys.get(entry.key_id)
        return hmac.digest(key, _canonical(entry, before), "sha256").hex() if key else None


class AuditHead:
    """The latest entry as Redis knows it."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    def read(self) -> Head | None:
        """The head; None where Redis does not know of any."""
        number, mac = self._scripts.fields(keys.audit_head(), "number", "mac")
        return Head(int(number), mac) if number and mac else None

    def advance(self, head: Head, *, anyway: bool = False) -> None:
        """Keep a head for a year, unless a later one is kept; `anyway` also then."""
        self._scripts.run("advance_audit_head", [keys.audit_head()], *head, HEAD_MS, int(anyway))


def flaw_of(head: Head | None, last: Head | None) -> str:
    """How head and latest entry contradict each other; empty where they do not.

    The head must have been read first: entries that come in between make it older, not wrong.
    """
    if head is None:
        return HEAD_LOST if last else ""
    if last is None or head.number > last.number:
        return TAIL_CUT
    return TAIL_CUT if head.number == last.number and head.mac != last.mac else ""


def _canonical(entry: AuditEntry, before: str) -> bytes:
    """Every column but the row's own number in the table, and the MAC of the entry before."""
    columns = [
        entry.number,
        int(entry.at.timestamp()),
        entry.actor,
        entry.act,
        entry.target,
        entry.outcome,
        entry.intent,
        entry.reason,
        entry.detail,
        entry.address,
        entry.request_id,
        entry.key_id,
        before,
    ]
    return json.dumps(columns, separators=(",", ":")).encode()
