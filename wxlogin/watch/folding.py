"""Folds the events of many addresses: whoever has thousands does not fill the tables with them."""

from __future__ import annotations

import threading

from wxlogin.watch.events import AdminEvent, Event, Kind

MOST_ADDRESSES = 100
"""Addresses that a worker tells apart in one minute and kind of event."""
OTHERS = "others"
"""The subject of the events of all further addresses."""


class AddressFolding:
    """Returns what events are grouped by whose subject is an address.

    Anybody can be the cause of such an event, from as many addresses as they have. Those that only
    an admin or the holder of a password can cause are never folded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._known: dict[Kind, set[str]] = {}

    def subject(self, event: Event, address: str, minute: int) -> str:
        """Return the address, or OTHERS where a minute has too many of them."""
        if isinstance(event, AdminEvent) or not address:
            return address
        with self._lock:
            if minute != self._minute:
                self._minute, self._known = minute, {}
            known = self._known.setdefault(event.kind, set())
            if len(known) < MOST_ADDRESSES:
                known.add(address)
            return address if address in known else OTHERS
