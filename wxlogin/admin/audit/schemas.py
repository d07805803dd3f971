"""What comes out of the audit trail."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from wxlogin.admin.paging import PageQuery


class AuditQuery(PageQuery):
    """Which entries are meant."""

    target: str | None = Field(
        None, max_length=80, description="Entries on this target alone, such as `user:ID`."
    )


class AuditItem(BaseModel):
    """One entry. An act has two: its `intent`, then how it ended, which names the intent."""

    id: int = Field(description="Counts from 1 without a gap.")
    at: str
    actor: str
    act: str
    target: str
    outcome: Literal["intent", "done", "refused", "failed"]
    intent: int | None
    reason: str
    detail: dict[str, Any]
    address: str
    request_id: str
