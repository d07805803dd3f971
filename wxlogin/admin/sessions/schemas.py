"""What comes out of the list of live sessions."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LiveItem(BaseModel):
    """One live session of any user."""

    id: str = Field(description="A handle for DELETE /admin/api/sessions/{id}; no credential.")
    user: str
    app: str
    platform: str
    device_name: str | None
    ip: str
    region: str | None
    created_at: str
    last_seen_at: str
    expires_at: str
    max_expires_at: str
