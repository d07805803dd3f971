"""What is said of the keys: who needs each, which hosts have it, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from redis.exceptions import RedisError

from config import Settings
from wxlogin.accounts import KeyUsage
from wxlogin.accounts.key_usage import KeyCount, KeyReport
from wxlogin.clock import Clock, utc_now
from wxlogin.keyring.hosts import USE_SECONDS, HostNote, Hosts
from wxlogin.keyring.known_keys import KeyTimes, KnownKeys, Name
from wxlogin.keyring.rings import SETTINGS
from wxlogin.keyring.rotation import Progress, Rotation
from wxlogin.vault.derivation import KeyKind

State = Literal["in_use", "rotating", "needed", "unneeded"]
REDIS_SECONDS = 7200
"""The longest life of a session_key or an access_token."""


class KeyLine(NamedTuple):
    """A key. `until`: what it signed or sealed in Redis has ended by then; None: it has."""

    key: KeyCount
    state: State
    until: datetime | None


class HostLine(NamedTuple):
    """A running host: its workers, its version, and whether its keys are the ones here."""

    host: str
    workers: int
    version: str
    agrees: bool


class Report(NamedTuple):
    """All that is said of the keys."""

    keys: list[KeyLine]
    lost: int
    hosts: list[HostLine]
    steps: list[str]
    rotation: Progress | None


class Reports:
    """Puts together what is known of the keys."""

    def __init__(
        self,
        usage: KeyUsage,
        known: KnownKeys,
        hosts: Hosts,
        rotation: Rotation,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._usage = usage
        self._known = known
        self._hosts = hosts
        self._rotation = rotation
        self._clock = clock
        self._lives: dict[KeyKind, int] = {
            "data": max(REDIS_SECONDS, settings.admin_max_age),
            "index": 0,
            "signing": max(settings.session_max_age, settings.admin_max_age),
        }

    def get(self) -> Report:
        """Return a report whose counts are at most ten minutes old."""
        return self._report(self._usage.get())

    def count(self) -> Report:
        """Return a report with fresh counts, also while Redis is out."""
        counted = self._usage.count()
        try:
            return self._report(counted)
        except RedisError:
            lines = [self._line(count, {}, rotating=False) for count in counted.keys]
            told = "What other hosts have is not known: Redis is out."
            return Report(lines, counted.lost, [], [told], None)

    def _report(self, counted: KeyReport) -> Report:
        notes, progress, times = self._hosts.all(), self._rotation.progress(), self._known.times()
        rotating = progress is not None and progress.state == "running"
        return Report(
            [self._line(count, times, rotating=rotating) for count in counted.keys],
            counted.lost,
            host_lines(self._hosts.rings, notes),
            steps(self._hosts.rings, notes),
            progress,
        )

    def _line(self, count: KeyCount, times: Mapping[Name, KeyTimes], *, rotating: bool) -> KeyLine:
        until = None if count.newest else self._until(count, times)
        state: State = "needed" if count.rows or until else "unneeded"
        if count.newest:
            state = "in_use"
        elif rotating and count.rows:
            state = "rotating"
        return KeyLine(count, state, until)

    def _until(self, count: KeyCount, times: Mapping[Name, KeyTimes]) -> datetime | None:
        """Return when the last thing in Redis ends that an older key signed or sealed."""
        found = times.get((count.kind, count.id or count.fingerprint))
        if found is None or not self._lives[count.kind]:
            return None
        # One that was not seen in use since it is known may have been until then.
        last = found.used_at or found.first_seen_at
        until = last + timedelta(seconds=USE_SECONDS + self._lives[count.kind])
        return until if until > utc_now(self._clock) else None


def host_lines(here: Mapping[KeyKind, Sequence[str]], notes: Sequence[HostNote]) -> list[HostLine]:
    """Return a line for each running host."""
    lines = []
    for host in dict.fromkeys(note.host for note in notes):
        own = [note for note in notes if note.host == host]
        agrees = all(note.ids(kind) == ids for note in own for kind, ids in here.items())
        versions = ", ".join(dict.fromkeys(note.version for note in own))
        lines.append(HostLine(host, len(own), versions, agrees))
    return lines


def steps(here: Mapping[KeyKind, Sequence[str]], notes: Sequence[HostNote]) -> list[str]:
    """Return what has to be done until all hosts agree, a sentence for each ring."""
    found = []
    for kind, own in here.items():
        rings = {note.host: note.ids(kind) for note in notes} | {"this host": list(own)}
        rings |= {note.host: note.ids(kind) for note in notes if note.ids(kind) != own}
        every = list(dict.fromkeys(key_id for ring in rings.values() for key_id in ring))
        lacking = {
            key_id: [host for host, ring in rings.items() if key_id not in ring] for key_id in every
        }
        lacking = {key_id: hosts for key_id, hosts in lacking.items() if hosts}
        if lacking:
            told = "; ".join(f"{', '.join(h)} lacks {key_id}" for key_id, h in lacking.items())
            found.append(
                f"{SETTINGS[kind]}, step 1 of 2: put the new key last on every host, and reload. "
                f"{told}."
            )
        elif len({tuple(ring) for ring in rings.values()}) > 1:
            told = "; ".join(f"{host}: {','.join(ring)}" for host, ring in rings.items())
            found.append(
                f"{SETTINGS[kind]}, step 2 of 2: put the new key first on every host, and reload. "
                f"{told}."
            )
    return found
