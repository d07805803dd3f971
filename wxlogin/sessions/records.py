"""A session as Redis holds it: a fixed schema with a version, never pickled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

VERSION = "1"
FIELDS = (
    "v",
    "app",
    "created",
    "seen",
    "idle_deadline",
    "deadline",
    "platform",
    "name",
    "ip",
    "region",
    "successor",
)
"""The fields that are read back, in the order in which `decode` takes them."""


@dataclass(frozen=True)
class Draft:
    """What a login says of the session to be: `device` is a digest of the client's device_id.

    `region` is where the address is, as watch/regions.py writes it; empty where that is not known.
    """

    app: str
    platform: str
    name: str
    device: str
    ip: str
    region: str = ""


@dataclass(frozen=True)
class Session:
    """One session; times are Unix milliseconds. `place` is its successor's id once replaced."""

    tag: str
    sid: str
    app: str
    created: int
    seen: int
    idle_deadline: int
    deadline: int
    platform: str
    name: str
    ip: str
    place: str
    region: str = ""

    @property
    def expires(self) -> int:
        """When it ends if it is not used again."""
        return min(self.idle_deadline, self.deadline)


def encode(session: Session, device: str) -> list[str]:
    """The record's fields and values, in turn."""
    values = {
        "v": VERSION,
        "app": session.app,
        "created": session.created,
        "seen": session.seen,
        "idle_deadline": session.idle_deadline,
        "deadline": session.deadline,
        "platform": session.platform,
        "name": session.name,
        "ip": session.ip,
        "region": session.region,
        "device": device,
    }
    return [str(part) for pair in values.items() if pair[1] != "" for part in pair]


def decode(tag: str, sid: str, values: Sequence[str | None]) -> Session | None:
    """The session, or None where the record's version is not known."""
    version, app, created, seen, idle_deadline, deadline, *told = values
    if version != VERSION:
        return None
    platform, name, ip, region, successor = told
    return Session(
        tag=tag,
        sid=sid,
        app=app or "",
        created=int(created or 0),
        seen=int(seen or 0),
        idle_deadline=int(idle_deadline or 0),
        deadline=int(deadline or 0),
        platform=platform or "other",
        name=name or "",
        ip=ip or "",
        place=successor or sid,
        region=region or "",
    )
