"""The page of the doctor: what it does, and after the button what it found."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.language import language
from wxlogin.admin.console.layout import page
from wxlogin.admin.doctor import service
from wxlogin.doctor import Level, Words
from wxlogin.guard.admin_gate import operator_id, permitted
from wxlogin.services import services

LEVELS: dict[Level, tuple[LazyString, str]] = {
    "ok": (_("in order"), "good"),
    "unknown": (_("unknown"), ""),
    "warning": (_("warning"), "warn"),
    "fault": (_("fault"), "bad"),
}
"""The label of each level, and the mood, a colour, of its badge."""


class Row(NamedTuple):
    """A finding, as the page shows it."""

    check: str
    level: LazyString
    mood: str
    code: str
    words: Words


@console.get("/doctor")
@permitted("doctor.run")
def doctor() -> str:
    """Say what the doctor examines."""
    return page("doctor", rows=None)


@console.post("/doctor")
@permitted("doctor.run")
def run_doctor() -> str:
    """Examine the installation, and show what was found."""
    report = service.examine(services.limits.rates, services.doctor, operator_id())
    spoken = language()
    rows = [
        Row(
            result.check.title[spoken],
            *LEVELS[finding.level],
            finding.kind.code,
            finding.say(spoken),
        )
        for result in report.results
        for finding in result.findings
    ]
    return page("doctor", rows=rows, verdict=report.level)
