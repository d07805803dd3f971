"""What goes in and out of the calls on alerts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import Ordered, TimeRange, word
from wxlogin.admin.schemas import NoBody
from wxlogin.guard.bodies import visible
from wxlogin.watch.events import AlertSubject, Severity


class AlertQuery(TimeRange, Ordered):
    """Which alerts are meant."""

    open: bool | None = Field(None, description="Alerts that nobody acknowledged, or the others.")
    rule: Annotated[str, word(40, "a rule, such as fail_ip")] | None = Field(
        None, description="Alerts of this rule alone."
    )


class AlertItem(BaseModel):
    """A rule that fired for a subject: `count` in `window` seconds is over `threshold`.

    `window` and `threshold` are 0 where one event is enough; `logins` and `failures` are those of
    the rule `openids_ip`. `subject` is `others` where a rule had too many in that hour.
    """

    id: int
    rule: str
    title: str
    severity: Severity
    subject_kind: AlertSubject
    subject: str
    count: int
    window: int
    threshold: int
    logins: int
    failures: int
    advice: str
    at: str
    delivered_at: str | None = Field(
        description="When every channel had taken it, or was given up after another took it."
    )
    over_at: str | None = Field(description="When the channels were told that it is over.")
    acknowledged_at: str | None
    acknowledged_by: str | None = Field(description="As the audit trail names them.")
    note: str | None


ALERTS = CsvList("alerts", "alert.export", AlertItem)


class TestItem(BaseModel):
    """What one channel answered to a test: `fault` says in a few words why it took nothing."""

    channel: Literal["webhook", "email"]
    taken: bool
    fault: str


class TestAnswer(BaseModel):
    """What each channel of the settings answered; none are set where this is empty."""

    items: list[TestItem]


class AcknowledgeBody(NoBody):
    """What others should know: who looks after it, what it was."""

    note: Annotated[str, visible("{1,200}", "1 to 200 characters")] | None = None
