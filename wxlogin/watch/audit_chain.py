"""The hash chain of the audit trail: the MAC of each entry, and its head in Redis."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from wxlogin.models import AuditEntry
from wxlogin.redisdb import Scripts, keys
from wxlogin.settings.values import DataKey
from wxlogin.vault.derivation import audit_key

START = "0" * 64
"""Used in place of the previous MAC for the first entry."""
HEAD_MS = 365 * 86_400_000
HEAD_LOST = "audit.head_lost"
TAIL_CUT = "audit.tail_cut"
HEAD_ACCEPTED = "audit.accept_head"


class Head(NamedTuple):
    """The number and the MAC of an entry."""

    number: int
    mac: str


class Chain:
    """Computes MACs. Their keys are derived from the data keys; each entry names its key."""

    def __init__(
        self,
        data_keys: Sequence[DataKey],
        load_others: Callable[[], Mapping[str, bytes]] = dict,
    ) -> None:
        """`load_others` returns the audit keys of data keys that have left the settings, by id."""
        self.newest = data_keys[0].id
        self._keys = {key.id: audit_key(key.key) for key in data_keys}
        self._load_others = load_others
        self._others: Mapping[str, bytes] | None = None

    def mac(self, entry: AuditEntry, previous: str) -> str | None:
        """Return the MAC of an entry after the MAC `previous`; None if its key is missing."""
        key = self._key(entry.key_id)
        return hmac.digest(key, _canonical(entry, previous), "sha256").hex() if key else None

    def load(self) -> None:
        """Load the keys of data keys that have left the settings, while no connection is held."""
        self._others = self._load_others()

    def seal(self, head: Head) -> str:
        """Return the MAC of a head, after the id of its key."""
        made = self._seal(head, self.newest)
        assert made is not None  # the newest key is held
        return made

    def seals(self, head: Head, seal: str) -> bool:
        """Return whether a head was stored by this program: nobody else can make its MAC."""
        made = self._seal(head, seal.partition(".")[0])
        return made is not None and hmac.compare_digest(made, seal)

    def _seal(self, head: Head, key_id: str) -> str | None:
        key, message = self._key(key_id), f"head\n{head.number}\n{head.mac}".encode()
        return f"{key_id}.{hmac.digest(key, message, 'sha256').hex()}" if key else None

    def _key(self, key_id: str) -> bytes | None:
        """Return the key of this id, None if it is lost."""
        if key_id not in self._keys and self._others is None:
            self._others = self._load_others()
        return self._keys.get(key_id) or (self._others or {}).get(key_id)


class AuditHead:
    """The latest entry, as Redis holds it: whoever cuts the tail off cannot make an older head."""

    def __init__(self, scripts: Scripts, chain: Chain) -> None:
        self._scripts = scripts
        self._chain = chain

    def read(self) -> Head | None:
        """Return the head, None if Redis holds none that this program stored."""
        number, mac, seal = self._scripts.fields(keys.audit_head(), "number", "mac", "seal")
        head = Head(int(number), mac) if number and mac else None
        return head if head and self._chain.seals(head, seal or "") else None

    def advance(self, head: Head, *, force: bool = False) -> None:
        """Store a head for a year, unless a later one is stored; `force` stores it even then."""
        args = (*head, self._chain.seal(head), HEAD_MS, int(force))
        self._scripts.call_once("advance_audit_head", [keys.audit_head()], *args)


def find_flaw(head: Head | None, last: Head | None) -> str:
    """Return how the head contradicts the latest entry, an empty text if it does not.

    Read the head first: entries that are added in between make it older, not wrong.
    """
    if head is None:
        return HEAD_LOST if last else ""
    if last is None or head.number > last.number:
        return TAIL_CUT
    return TAIL_CUT if head.number == last.number and head.mac != last.mac else ""


def _canonical(entry: AuditEntry, previous: str) -> bytes:
    """Return every column except the primary key, and the MAC of the previous entry."""
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
        previous,
    ]
    return json.dumps(columns, separators=(",", ":")).encode()
