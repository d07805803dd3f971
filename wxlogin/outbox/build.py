"""The parts of the outbox, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Settings
from wxlogin.clock import Clock
from wxlogin.outbox import signals
from wxlogin.outbox.deliveries import Deliveries
from wxlogin.outbox.dispatcher import Dispatcher
from wxlogin.outbox.endpoints import Endpoints
from wxlogin.outbox.history import History
from wxlogin.outbox.outbox import Outbox
from wxlogin.outbox.posting import Posting
from wxlogin.outbox.routing import Router
from wxlogin.outbox.sender import Sender
from wxlogin.outbox.signal_calls import SignalCalls
from wxlogin.outbox.subscriptions import Subscriptions
from wxlogin.redisdb.shared_version import SharedVersion
from wxlogin.sessions.login_outcomes import LoginOutcomes
from wxlogin.vault import Vault


@dataclass(frozen=True)
class Webhooks:
    """What is told, to whom, and whether it arrived."""

    outbox: Outbox
    endpoints: Endpoints
    history: History
    deliveries: Deliveries
    dispatcher: Dispatcher
    router: Router
    unrestricted: bool
    """Whether plain http and addresses that are not public are allowed."""

    def stop(self) -> None:
        """Send nothing further."""
        self.dispatcher.stop()


def build_webhooks(
    settings: Settings,
    clock: Clock,
    sql: Engine,
    current_session: Callable[[], Session],
    vault: Vault,
    version: SharedVersion,
    outcomes: LoginOutcomes,
) -> Webhooks:
    """Return all parts; nothing is connected or started yet."""
    unrestricted = settings.webhook_private or not settings.production
    subscriptions = Subscriptions(version, clock, signals.has_receivers)
    deliveries = Deliveries(sql, clock)
    router = Router(sql, clock, subscriptions, outcomes)
    dispatcher = Dispatcher(
        sql,
        subscriptions,
        router,
        deliveries,
        Posting(Sender(unrestricted=unrestricted), vault, clock, settings.public_url),
        SignalCalls(sql, clock),
    )
    outbox = Outbox(subscriptions, clock, dispatcher.wake)
    return Webhooks(
        outbox=outbox,
        endpoints=Endpoints(
            current_session, vault, clock, subscriptions, unrestricted=unrestricted
        ),
        history=History(current_session, clock, dispatcher),
        deliveries=deliveries,
        dispatcher=dispatcher,
        router=router,
        unrestricted=unrestricted,
    )
