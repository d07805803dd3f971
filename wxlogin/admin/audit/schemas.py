"""What goes in and out of the audit trail."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import Ordered, TimeRange, word

Outcome = Literal["intent", "done", "refused", "failed"]


class AuditQuery(TimeRange, Ordered):
    """Which acts are meant."""

    actor: Annotated[str, word(80, "an actor, such as admin:alice")] | None = Field(
        None, description="Acts of `admin:NAME`, `token:ID` or `cli` alone."
    )
    act: Annotated[str, word(64, "an act, such as user.ban")] | None = Field(
        None, description="Acts of this kind alone, such as `user.ban`."
    )
    target: Annotated[str, word(80, "a target, such as user:ID")] | None = Field(
        None, description="Acts on this target alone, such as `user:ID`."
    )
    outcome: Outcome | None = Field(
        None, description="Acts that ended so; `intent`: nobody knows how, or not yet."
    )


class AuditItem(BaseModel):
    """One act with its outcome."""

    id: int = Field(description="The number of its last entry in the trail.")
    at: str = Field(description="When it ended.")
    actor: str
    act: str
    target: str
    outcome: Outcome
    intent: int | None = Field(description="The number of the entry that was written before it.")
    reason: str
    detail: dict[str, Any]
    address: str
    request_id: str


ACTS = CsvList("audit", "audit.export", AuditItem)
