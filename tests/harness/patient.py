"""The doctor at work on a site, one check at a time."""

from __future__ import annotations

from typing import Any

import config
from tests.harness.site import Site
from wxlogin.clock import Clock, system_clock
from wxlogin.doctor import Finding, examine
from wxlogin.doctor.examination import CHECKS


def findings(
    check: str, settings: config.Settings, clock: Clock = system_clock, **counts: int
) -> dict[str, Finding]:
    """What one check finds, by the code of each finding; it says it in both languages."""
    checks = [row for row in CHECKS if row.name == check]
    (result,) = examine(settings, clock, checks=checks, **counts).results
    for finding in result.findings:
        assert "{" not in "".join((*finding.say("en"), *finding.say("zh")))
    return {finding.kind.code: finding for finding in result.findings}


def of_site(check: str, site: Site, **changed: Any) -> dict[str, Finding]:
    """What one check finds on a site whose settings are changed for the doctor alone."""
    return findings(check, site.settings.model_copy(update=changed), site.clock)
