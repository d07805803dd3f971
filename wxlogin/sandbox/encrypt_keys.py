"""The keys of a user's encrypted channel: a new one each hour, as WeChat renews them."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

from wxlogin.sandbox.keys import Pair

SECONDS = 3600
SHOWN = 3


def encrypt_keys(pair: Pair, now: float) -> list[dict[str, Any]]:
    """Return the keys of this hour and the two before it, newest first."""
    hour = int(now) // SECONDS
    return [_key(pair, version, now) for version in range(hour, hour - SHOWN, -1)]


def _key(pair: Pair, version: int, now: float) -> dict[str, Any]:
    made = version * SECONDS
    digest = hashlib.sha256(f"{pair}:{version}".encode()).digest()
    return {
        "encrypt_key": b64encode(digest[:16]).decode(),
        "version": version,
        "expire_in": max(0, made + SECONDS - int(now)),
        "iv": digest[16:24].hex(),
        "create_time": made,
    }
