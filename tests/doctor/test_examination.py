"""The doctor runs all checks side by side, waits for none without end, and speaks two languages."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.harness.site import Site
from wxlogin.doctor import Finding, Kind, examine, kinds, without_settings
from wxlogin.doctor.examination import CHECKS, Check
from wxlogin.doctor.installation import Installation
from wxlogin.languages import Language

TITLE: dict[Language, str] = {"en": "A check", "zh": "检查"}


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets a check that hangs end; set when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def test_a_check_that_hangs_is_left_behind(site: Site, release: threading.Event) -> None:
    def hang(_: Installation) -> list[Finding]:
        release.wait()
        return []

    def pass_by(_: Installation) -> list[Finding]:
        return []

    checks = [Check("hangs", TITLE, hang), Check("passes", TITLE, pass_by)]
    report = examine(site.settings, site.clock, checks=checks, seconds=0.05)
    codes = [finding.kind.code for result in report.results for finding in result.findings]
    assert codes == ["check.hung", "ok"]
    assert report.level == "unknown"


def test_a_check_that_fails_tells_nothing_but_the_error(site: Site) -> None:
    def fail(_: Installation) -> list[Finding]:
        raise LookupError("redis://:hunter2@cache")

    report = examine(site.settings, site.clock, checks=[Check("fails", TITLE, fail)])
    (finding,) = report.results[0].findings
    assert finding.kind.code == "check.failed"
    assert finding.say("en").what == "The check ended with an error: LookupError."


def test_the_gravest_level_counts(site: Site) -> None:
    report = examine(site.settings, site.clock)
    assert [result.check for result in report.results] == list(CHECKS)
    assert report.level == "warning"  # the sandbox, no webhook


def test_wrong_settings_are_named_and_the_rest_is_unknown() -> None:
    report = without_settings(["WXLOGIN_A should be on or off."])
    (wrong,) = report.results[0].findings
    assert wrong.say("en").what == "WXLOGIN_A should be on or off."
    codes = {finding.kind.code for result in report.results[1:] for finding in result.findings}
    assert codes == {"check.skipped"}
    assert report.level == "fault"


@pytest.mark.parametrize("kind", kinds.ALL, ids=lambda kind: kind.code)
def test_a_finding_says_what_it_means_and_what_to_do(kind: Kind) -> None:
    assert set(kind.words) == {"en", "zh"}
    for words in kind.words.values():
        assert words.what
        assert all(words) == (kind.level != "ok")


def test_no_two_kinds_have_one_code() -> None:
    codes = [kind.code for kind in kinds.ALL]
    assert len(codes) == len(set(codes))
