"""What comes out of the security events."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from wxlogin.admin.paging import PageQuery
from wxlogin.watch.events import Kind, Severity


class EventQuery(PageQuery):
    """Which events are meant."""

    kind: Kind | None = Field(None, description="Events of this kind alone.")
    severity: Severity | None = Field(None, description="Events of this severity alone.")
    user: str | None = Field(
        None, max_length=22, description="Events that this user had a part in."
    )
    subject: str | None = Field(
        None,
        max_length=64,
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
