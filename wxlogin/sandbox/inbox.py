"""A receiver of webhooks: keeps what arrived, and checks it after Standard Webhooks."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

KEPT = 50
"""How many requests are kept; an older one is forgotten."""
SHOWN = 8_192
"""Characters of a body that are kept."""
TOLERANCE = 300
"""Seconds by which the time of a request may differ from ours."""
SECRET_PREFIX = "whsec_"  # noqa: S105
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a secret, as Standard Webhooks wants them."""
NAME_LENGTH = 80


@dataclass(frozen=True)
class Arrival:
    """A request: when it came, its `webhook-id`, type and body, and whether it verified.

    `verified` is None while no secret is known.
    """

    at: float
    id: str
    type: str
    body: str
    verified: bool | None

    @property
    def when(self) -> str:
        """Return the time in UTC, for people."""
        return f"{datetime.fromtimestamp(self.at, UTC):%Y-%m-%d %H:%M:%S} UTC"


class Inbox:
    """The latest requests, and the secrets that their signatures are checked with."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._keys: deque[bytes] = deque(maxlen=4)
        self._arrivals: deque[Arrival] = deque(maxlen=KEPT)

    def add_secret(self, secret: str) -> None:
        """Check with this secret too, and with the three before it; ValueError if it is none."""
        key = b""
        if secret.startswith(SECRET_PREFIX):
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValueError("secret must be whsec_ and the base64 of 24 to 64 bytes")
        with self._lock:
            self._keys.append(key)

    def take(self, headers: Mapping[str, str], body: bytes) -> Arrival:
        """Keep a request; return it with whether it verified."""
        verified = self._verify(headers, body) if self._keys else None
        text, id_ = body.decode(errors="replace"), headers.get("webhook-id", "")
        arrival = Arrival(self._now(), id_[:NAME_LENGTH], _type(text), _shown(text), verified)
        with self._lock:
            self._arrivals.append(arrival)
        return arrival

    def latest(self) -> list[Arrival]:
        """Return what is kept, newest first."""
        with self._lock:
            return list(self._arrivals)[::-1]

    def clear(self) -> None:
        """Forget what arrived; the secrets stay."""
        with self._lock:
            self._arrivals.clear()

    def _verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        id_, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return False
        if abs(self._now() - int(timestamp)) > TOLERANCE:
            return False
        signed = f"{id_}.{timestamp}.".encode() + body
        given = headers.get("webhook-signature", "").split(" ")
        with self._lock:
            wanted = [_signature(key, signed) for key in self._keys]
        pairs = [(mine.encode(), theirs.encode()) for mine in wanted for theirs in given]
        return any(hmac.compare_digest(mine, theirs) for mine, theirs in pairs)


def _signature(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _type(text: str) -> str:
    event = _parsed(text)
    found = event.get("type") if isinstance(event, dict) else None
    return found[:NAME_LENGTH] if isinstance(found, str) else "?"


def _shown(text: str) -> str:
    """Return a body for people: JSON in lines, anything else as it came, cut at a length."""
    event = _parsed(text)
    whole = json.dumps(event, ensure_ascii=False, indent=2) if event is not None else text
    return whole if len(whole) <= SHOWN else whole[:SHOWN] + " …"
