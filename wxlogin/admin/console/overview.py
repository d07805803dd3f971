"""The overview: what happened lately, in tiles and charts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import request
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.charts import Chart, chart
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.overview import Course
from wxlogin.admin.service import alerts
from wxlogin.admin.service import overview as service
from wxlogin.engines import engines
from wxlogin.guard.operators import permitted

LATEST = 5
"""How many alerts stand on the page."""

COUNTED = (
    ("logins", _("Logins"), ""),
    ("active_users", _("Active users"), "calm"),
    ("failures", _("Failures"), "bad"),
    ("alerts", _("Alerts"), "warn"),
)
"""What is drawn: its name in the numbers, its label, the mood of its bars."""


class Drawing(NamedTuple):
    """A chart with its label, and what it comes to."""

    id: str
    label: LazyString
    mood: str
    chart: Chart
    total: int


@console.get("/")
@permitted("overview.read")
def overview() -> str:
    """Show the last 24 hours, or the last 30 days."""
    numbers, month = service.overview(engines), request.args.get("span") == "month"
    return page(
        "overview",
        span="day" if month else "hour",
        live=numbers.live_sessions,
        drawings=_drawings(numbers.month if month else numbers.day),
        alerts=alerts.latest(LATEST),
        lately=gettext("in 30 days") if month else gettext("in 24 hours"),
    )


def _drawings(course: Course) -> list[Drawing]:
    times = [datetime.fromisoformat(point.at) for point in course.points]
    return [
        Drawing(
            name,
            label,
            mood,
            chart([(at, getattr(p, name)) for at, p in zip(times, course.points, strict=True)]),
            getattr(course.total, name),
        )
        for name, label, mood in COUNTED
    ]
