"""What goes in and out of the calls on webhooks; a secret comes out once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import Ordered, TimeRange, word
from wxlogin.admin.short_lists import ShortQuery
from wxlogin.admin.tokens.schemas import Appids
from wxlogin.guard.bodies import Body
from wxlogin.models.webhook_delivery import State
from wxlogin.outbox import EventType
from wxlogin.outbox.addresses import MAX_URL

EventName = Annotated[EventType, Field(strict=False)]
Events = Annotated[list[EventName], Field(min_length=1, max_length=len(EventType))]


class WebhookQuery(ShortQuery):
    """Which webhooks are meant."""

    state: Literal["active", "failing", "paused"] | None = Field(
        None, description="Webhooks that take what they get, that do not, or that get nothing."
    )


class DeliveryQuery(TimeRange, Ordered):
    """Which deliveries of a webhook are meant."""

    status: State | None = Field(None, description="Deliveries that stand so.")
    type: Annotated[str, word(64, "a type of event, such as user.banned")] | None = Field(
        None, description="Deliveries of this type of event alone."
    )


class NewWebhookBody(Body):
    """An endpoint, the types of events that it gets, and the mini-programs; without any, all."""

    url: str = Field(max_length=MAX_URL)
    events: Events
    apps: Appids = Field(default_factory=list)


class ChangeWebhookBody(Body):
    """Whether an endpoint gets anything, and which types; what is left out stays."""

    enabled: bool | None = None
    events: Events | None = None


class WebhookSecret(BaseModel):
    """The secret of an endpoint, shown this once."""

    id: str
    secret: str = Field(description="`whsec_` and base64, as Standard Webhooks has it.")


class WebhookItem(BaseModel):
    """An endpoint."""

    id: str
    url: str
    events: list[str]
    apps: list[str] = Field(description="Empty: all mini-programs.")
    enabled: bool
    paused_at: str | None = Field(
        description="When it was disabled because it had accepted nothing for three days."
    )
    failing_since: str | None = Field(description="The first failure since the last success.")
    previous_secret_until: str | None = Field(
        description="Until when the secret before signs too, if one was replaced."
    )
    made_by: str
    created_at: str


class DeliveryItem(BaseModel):
    """An event for an endpoint; `event` is the `webhook-id`, `body` what is sent."""

    id: str
    event: str
    type: str
    status: State
    attempts: int
    status_code: int | None = Field(description="Of the last answer; null if there was none.")
    fault: str | None = Field(description="Why the last attempt was none.")
    body: str
    created_at: str
    attempted_at: str | None
    next_at: str | None
    delivered_at: str | None


WEBHOOKS = CsvList("webhooks", "webhook.export_list", WebhookItem)


def deliveries_of(webhook: str) -> CsvList[DeliveryItem]:
    """Return the list of a webhook's deliveries, for a file of it."""
    target = f"webhook:{webhook}"
    return CsvList("deliveries", "webhook.export_deliveries", DeliveryItem, target=target)
