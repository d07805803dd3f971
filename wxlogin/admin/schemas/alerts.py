"""What comes out of the alerts."""

from __future__ import annotations

from pydantic import BaseModel


class AlertItem(BaseModel):
    """A rule that fired, for whom, and when it was delivered."""

    rule: str
    subject: str
    at: str
    delivered_at: str | None
