"""The numbers of the console's first page."""

from __future__ import annotations

from dataclasses import asdict

from wxlogin.admin.schemas import overview as schemas
from wxlogin.clock import iso
from wxlogin.engines import Engines
from wxlogin.watch.figures import DAYS, HOURS, Span


def overview(engines: Engines) -> schemas.Overview:
    """What happened in 24 hours by hour and in 30 days by day, and who is signed in."""
    return schemas.Overview(
        live_sessions=engines.sessions.live.count(),
        day=_course(engines, HOURS),
        month=_course(engines, DAYS),
    )


def _course(engines: Engines, span: Span) -> schemas.Course:
    course = engines.figures.course(span)
    return schemas.Course(
        counted_at=iso(int(course.counted * 1000)),
        step=span.seconds,
        total=schemas.Counts(**asdict(course.total)),
        points=[
            schemas.Point(**{**asdict(point), "at": iso(point.at * 1000)})
            for point in course.points
        ],
    )
