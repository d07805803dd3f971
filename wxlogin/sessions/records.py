"""A session as Redis holds it: a fixed schema with a version, never pickled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wxlogin.sessions.ids import NO_IDS, Ids
from wxlogin.sessions.lifetimes import Lifetimes
from wxlogin.sessions.tokens import TokenRef

VERSION = "1"


@dataclass(frozen=True)
class Draft:
    """What a login says about the new session. `device` is a digest of the client's device_id.

    `region` is where the address is, as watch/regions.py writes it; empty if that is unknown. `ids`
    are the user's, as SQL has them.
    """

    app: str
    platform: str
    name: str
    device: str
    ip: str
    region: str = ""
    ids: Ids = NO_IDS


class Session(NamedTuple):
    """A session; times are Unix milliseconds. `current_sid` is its own id, or its successor's.

    `signing_key` is the id of the key that signed its token; empty in records of older versions.
    `ids` are the user's further ids; records of older versions have none until these are known.
    """

    user: str
    sid: str
    app: str
    created: int
    seen: int
    idle_deadline: int
    deadline: int
    platform: str
    name: str
    ip: str
    current_sid: str
    region: str = ""
    signing_key: str = ""
    ids: Ids = NO_IDS

    @property
    def expires(self) -> int:
        """The time at which it ends if it is not used again."""
        return min(self.idle_deadline, self.deadline)


def begin(ref: TokenRef, draft: Draft, now: int, lifetimes: Lifetimes) -> Session:
    """Return the session of a new token as it begins."""
    deadline = now + lifetimes.max_age * 1000
    return Session(
        user=ref.owner,
        sid=ref.sid,
        app=draft.app,
        created=now,
        seen=now,
        idle_deadline=min(now + lifetimes.idle_ttl * 1000, deadline),
        deadline=deadline,
        platform=draft.platform,
        name=draft.name,
        ip=draft.ip,
        current_sid=ref.sid,
        region=draft.region,
        signing_key=ref.key_id,
        ids=draft.ids,
    )


def encode(session: Session, device: str) -> list[str]:
    """Return the fields and values of the record, alternating."""
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
        "signing_key": session.signing_key,
        "person": session.ids.person,
        "external_id": session.ids.external_id,
        "ids_version": session.ids.version or "",
    }
    return [str(part) for pair in values.items() if pair[1] != "" for part in pair]


def signing_key(record: Sequence[str]) -> str:
    """Return the id of the key that signed the session's token; empty in older records."""
    return dict(zip(record[::2], record[1::2], strict=True)).get("signing_key", "")


def decode(user: str, sid: str, record: Sequence[str]) -> Session | None:
    """Return the session of a record's fields and values, or None for an unknown version."""
    has = dict(zip(record[::2], record[1::2], strict=True))
    if has.get("v") != VERSION:
        return None
    return Session(
        user=user,
        sid=sid,
        app=has.get("app", ""),
        created=int(has.get("created", 0)),
        seen=int(has.get("seen", 0)),
        idle_deadline=int(has.get("idle_deadline", 0)),
        deadline=int(has.get("deadline", 0)),
        platform=has.get("platform", "other"),
        name=has.get("name", ""),
        ip=has.get("ip", ""),
        current_sid=has.get("successor", sid),
        region=has.get("region", ""),
        signing_key=has.get("signing_key", ""),
        ids=Ids(has.get("person", ""), has.get("external_id", "")),
    )
