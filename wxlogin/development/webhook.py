"""A webhook to the sandbox's receiver, so that a newcomer sees what wxlogin tells.

Which one it is stands in `instance` with its secret, which wxlogin tells only once. One that
somebody removes in the console stays removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "sandbox_webhook"
EVENTS = (
    "user.created",
    "user.logged_in",
    "user.logged_out",
    "user.banned",
    "user.unbanned",
    "user.erased",
    "user.phone_changed",
    "user.profile_changed",
    "person.joined",
    "session.replaced",
    "session.evicted",
    "authorization.revoked",
    "authorization.modified",
    "push.received",
    "app.secret_changed",
    "alert.raised",
)

Command = Callable[..., str]
"""Runs `flask webhooks` with these words and returns its output; empty if it fails and may."""


@dataclass(frozen=True)
class Registered:
    """The webhook that was registered, and where it leads."""

    id: str
    url: str
    secret: str = field(repr=False)


def register(instance: Path, url: str | None, run: Command, *, fresh: bool) -> str | None:
    """Register a webhook to `url`, unless that is done; return its secret. None registers none.

    One of another address is removed: the sandbox is gone from there. A `fresh` database has none.
    """
    place = instance / FILE
    before = None if fresh else _read(place)
    if before and before.url == url:
        return before.secret
    if before:
        run("remove", before.id, may_fail=True)
    place.unlink(missing_ok=True)
    if url is None:
        return None
    wanted = [word for name in EVENTS for word in ("--event", name)]
    id_, secret = run("add", url, *wanted).split()[-2:]
    place.touch(mode=0o600)
    place.write_text(json.dumps(asdict(Registered(id_, url, secret))), encoding="utf-8")
    return secret


def _read(place: Path) -> Registered | None:
    try:
        kept: Mapping[str, str] = json.loads(place.read_text(encoding="utf-8"))
        return Registered(**kept)
    except (OSError, ValueError, TypeError):
        return None
