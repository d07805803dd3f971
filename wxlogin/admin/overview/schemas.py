"""What comes out of the overview."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Counts(BaseModel):
    """The number of events of each kind in a span of time."""

    logins: int
    active_users: int = Field(description="Different users who logged in.")
    failures: int = Field(description="Refused calls that are security events.")
    alerts: int


class Point(Counts):
    """One step, by when it began."""

    at: str


class TimeSeries(BaseModel):
    """The steps of a span, oldest first; the last one is not over."""

    counted_at: str = Field(description="When this was counted: it is remembered for a while.")
    step: int = Field(description="Seconds.")
    total: Counts
    points: list[Point]


class Overview(BaseModel):
    """The numbers of the console's first page."""

    live_sessions: int = Field(description="At most so many: some may have expired unseen.")
    day: TimeSeries
    month: TimeSeries
