"""A scan as Redis holds it: a fixed schema with a version."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

VERSION = "1"

State = Literal["waiting", "seen", "confirmed", "refused", "used"]
"""waiting -> seen -> confirmed -> used, or refused; a deadline ends each of them."""


@dataclass(frozen=True)
class Browser:
    """Who began a scan: the kind of browser, its system, its address and where that is.

    `region` is as watch/regions.py writes it; empty if that is unknown.
    """

    name: str
    system: str
    ip: str
    region: str


@dataclass(frozen=True)
class Scan:
    """A scan; times are Unix milliseconds. `user` and `session` are whose that confirmed it."""

    id: str
    state: State
    app: str
    began: int
    deadline: int
    browser: Browser
    secret_digest: str = field(repr=False)
    user: str = ""
    session: str = ""

    def began_with(self, secret: str) -> bool:
        """Return whether this is its secret; how long that takes says nothing about it."""
        return hmac.compare_digest(self.secret_digest, digest_of(secret))


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def encode(scan: Scan) -> list[str]:
    """Return the fields and values of the record of a scan that begins, alternating."""
    values = {
        "v": VERSION,
        "state": scan.state,
        "app": scan.app,
        "began": scan.began,
        "deadline": scan.deadline,
        "secret": scan.secret_digest,
        "browser": scan.browser.name,
        "system": scan.browser.system,
        "ip": scan.browser.ip,
        "region": scan.browser.region,
    }
    return [str(part) for pair in values.items() for part in pair]


def decode(scan_id: str, record: Sequence[str]) -> Scan | None:
    """Return the scan of a record's fields and values, or None for an unknown version."""
    has = dict(zip(record[::2], record[1::2], strict=True))
    if has.get("v") != VERSION:
        return None
    return Scan(
        id=scan_id,
        state=cast("State", has["state"]),
        app=has["app"],
        began=int(has["began"]),
        deadline=int(has["deadline"]),
        browser=Browser(has["browser"], has["system"], has["ip"], has["region"]),
        secret_digest=has["secret"],
        user=has.get("user", ""),
        session=has.get("session", ""),
    )
