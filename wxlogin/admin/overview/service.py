"""The numbers of the console's first page."""

from __future__ import annotations

from wxlogin.admin.overview import schemas
from wxlogin.clock import iso_unix
from wxlogin.sessions import SessionStore
from wxlogin.watch.statistics import DAYS, HOURS, Statistics, TimeRange


def overview(statistics: Statistics, store: SessionStore) -> schemas.Overview:
    """Return the counts of 24 hours by hour and of 30 days by day, and of live sessions."""
    return schemas.Overview(
        live_sessions=store.live.count(),
        day=time_series(statistics, HOURS),
        month=time_series(statistics, DAYS),
    )


def time_series(statistics: Statistics, over: TimeRange) -> schemas.TimeSeries:
    """Return the counts of a range, by step."""
    series = statistics.time_series(over)
    return schemas.TimeSeries(
        counted_at=iso_unix(series.counted_at),
        step=over.step_seconds,
        total=schemas.Counts(**series.total.model_dump()),
        points=[
            schemas.Point(**{**point.model_dump(), "at": iso_unix(point.at)})
            for point in series.points
        ],
    )
