"""The outbox: what the team's own systems are told, to whom, and whether it arrived.

No Flask in here.
"""

from wxlogin.outbox.build import Webhooks, build_webhooks
from wxlogin.outbox.event_types import About, EventType
from wxlogin.outbox.outbox import Outbox

__all__ = ["About", "EventType", "Outbox", "Webhooks", "build_webhooks"]
