"""The page of the overview: recent numbers in tiles and charts, and the latest alerts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from flask import request, url_for
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.alerts.schemas import AlertQuery
from wxlogin.admin.alerts.service import list_alerts
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.charts import Chart, chart
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.overview import service
from wxlogin.admin.overview.schemas import TimeSeries
from wxlogin.guard.admin_gate import permitted
from wxlogin.services import services
from wxlogin.watch.events import Kind
from wxlogin.watch.statistics import DAYS, HOURS

LATEST_ALERTS = 5
"""How many alerts the page shows."""

CHARTS = (
    ("logins", _("Logins"), ""),
    ("active_users", _("Active users"), "calm"),
    ("failures", _("Failures"), "bad"),
    ("alerts", _("Alerts"), "warn"),
)
"""The drawn series: its name in `Counts`, its label, and the mood, a colour, of its bars."""


class Drawing(NamedTuple):
    """A chart with its label and its total."""

    id: str
    label: LazyString
    mood: str
    chart: Chart
    total: int


@console.get("/")
@permitted("overview.read")
def overview() -> str:
    """Show the last 24 hours, or the last 30 days."""
    store, history = services.sessions.store, services.watch.alert_history
    month = request.args.get("span") == "month"
    series = service.time_series(services.watch.statistics, DAYS if month else HOURS)
    alerts = list_alerts(history, AlertQuery(), LATEST_ALERTS).items
    return page(
        "overview",
        span="day" if month else "hour",
        counted_at=series.counted_at,
        live=store.live.count(),
        drawings=_drawings(series),
        lists=_lists(series.points[0].at),
        alerts=alerts,
        names=nicknames(one.subject for one in alerts if one.subject_kind == "user"),
        lately=gettext("in 30 days") if month else gettext("in 24 hours"),
    )


def _lists(since: str) -> dict[str, str]:
    """Return the list that each tile counts, by the name of its series."""
    logins = url_for("console.events", kind=Kind.LOGIN_SUCCEEDED.value, since=since)
    return {
        "logins": logins,
        "active_users": logins,
        "failures": url_for("console.events", refused="true", since=since),
        "alerts": url_for("console.alerts"),
    }


def _drawings(series: TimeSeries) -> list[Drawing]:
    times = [datetime.fromisoformat(point.at) for point in series.points]
    return [
        Drawing(
            name,
            label,
            mood,
            chart([(at, getattr(p, name)) for at, p in zip(times, series.points, strict=True)]),
            getattr(series.total, name),
        )
        for name, label, mood in CHARTS
    ]
