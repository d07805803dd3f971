"""The pictures of scans, in the worker's memory until the scan ends, and bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from wxlogin.clock import Clock, milliseconds
from wxlogin.scan_store.records import Scan

MOST_BYTES = 16 * 1024 * 1024


class _Kept(NamedTuple):
    content: bytes
    deadline: int


class Pictures:
    """Keeps the pictures that were asked for last, 16 MiB of them at most."""

    def __init__(self, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    def get(self, scan: Scan) -> bytes | None:
        """Return the picture of a scan, None if it is not kept here."""
        with self._lock:
            kept = self._kept.get(scan.id)
            if kept is None:
                return None
            self._kept.move_to_end(scan.id)
            return kept.content

    def keep(self, scan: Scan, content: bytes) -> None:
        """Keep a picture until its scan ends, or until there is no room for it."""
        with self._lock:
            self._drop(scan.id)
            self._kept[scan.id] = _Kept(content, scan.deadline)
            self._size += len(content)
            now = milliseconds(self._clock)
            for scan_id in [name for name, kept in self._kept.items() if kept.deadline <= now]:
                self._drop(scan_id)
            while self._size > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, scan_id: str) -> None:
        if gone := self._kept.pop(scan_id, None):
            self._size -= len(gone.content)
