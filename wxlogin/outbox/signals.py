"""Signals of the same names as the events, for code that lives in the app.

    from wxlogin.integration import signal

    @signal("user.created").connect
    def welcome(sender, event): ...

A receiver gets the body of the event: `{"type", "timestamp", "data"}`. It runs in the background of
one worker, once the act is committed; after a crash it may be called again with the same event.
"""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace

from wxlogin.outbox.event_types import EventType
from wxlogin.outbox.subscriptions import Subscription

SIGNALS = 0
"""In place of an endpoint's id: the deliveries to the receivers of signals. No endpoint has it."""

_signals = Namespace()
logger = logging.getLogger(__name__)


def signal(type_: str) -> NamedSignal:
    """Return the signal of a type of event; ValueError if there is no such type."""
    return _signals.signal(EventType(type_))


def has_receivers(type_: str) -> bool:
    """Return whether code of this process listens to a type."""
    found = _signals.get(type_)
    return found is not None and bool(found.receivers)


def subscription() -> Subscription:
    """Return what the code of this process listens to, as that of an endpoint."""
    heard = frozenset(type_.value for type_ in EventType if has_receivers(type_))
    return Subscription(SIGNALS, heard, frozenset())


def announce(type_: str, event: dict[str, Any]) -> None:
    """Call the receivers of an event; one that fails is logged and does not stop the others."""
    found = _signals.get(type_)
    for receiver in found.receivers_for(None) if found else ():
        try:
            receiver(None, event=event)
        except Exception:
            logger.exception("a receiver of the signal %s failed", type_)
