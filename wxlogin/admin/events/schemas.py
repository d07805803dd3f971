"""What goes in and out of the security events."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import AppFilter, Ordered, TimeRange, UserFilter, word
from wxlogin.watch.events import Kind, Severity


class EventQuery(TimeRange, Ordered):
    """Which events are meant."""

    kind: Kind | None = Field(None, description="Events of this kind alone.")
    severity: Severity | None = Field(None, description="Events of this severity alone.")
    refused: bool | None = Field(
        None, description="Refused calls alone, which the overview counts as failures."
    )
    user: UserFilter = None
    app: AppFilter = None
    address: Annotated[str, word(64, "an address")] | None = Field(
        None, description="Events from this address: whole, or as events show it."
    )
    subject: Annotated[str, word(64, "a subject")] | None = Field(
        None,
        description="Events about this subject: a user, an address as events show it, an appid.",
    )


class EventItem(BaseModel):
    """Events of one kind and subject in one minute, `count` of them; the first stands for all."""

    id: int
    kind: str
    severity: Severity
    subject: str
    user: str | None
    address: str
    request_id: str
    count: int
    first_at: str
    last_at: str
    detail: dict[str, Any]


EVENTS = CsvList("events", "event.export", EventItem)
