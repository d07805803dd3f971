"""Every kind of event and every rule is documented as it is, and refusals name real codes."""

from __future__ import annotations

import re

from tests.house.source import ROOT
from wxlogin.errors import CATALOGUE
from wxlogin.watch.alert_rules import RULES
from wxlogin.watch.events import ANY_BLUEPRINT, REFUSALS, Kind

PAGE = (ROOT / "docs/watch.md").read_text(encoding="utf-8")
EVENT = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (\w+) \| (\w+)[^|]* \|", re.MULTILINE)
RULE = re.compile(r"^\| `([a-z_]+)` \| ([^|]+) \| (\w+)[^|]* \| ([^|]+) \|$", re.MULTILINE)


def test_the_page_has_every_kind_with_its_severity_and_whom_it_is_about() -> None:
    shown = {name: (severity, by) for name, severity, by in EVENT.findall(PAGE)}
    assert shown == {
        kind.value: (kind.severity, "all" if kind is Kind.WATCH_OVERFLOW else kind.subject_kind)
        for kind in Kind
    }


def test_the_page_has_every_rule_with_what_it_counts_and_its_setting() -> None:
    shown = {
        name: (set(re.findall(r"[a-z_]+\.[a-z_]+", counted)), by, "WXLOGIN_" in setting)
        for name, counted, by, setting in RULE.findall(PAGE)
    }
    assert shown == {
        rule.name: (
            {"login.succeeded"} if rule.users else {kind.value for kind in rule.kinds},
            rule.subject_kind,
            not rule.immediate,
        )
        for rule in RULES
    }


def test_refusals_that_are_events_have_codes_of_the_catalogue() -> None:
    assert {code for code, _ in REFUSALS} <= set(CATALOGUE)
    assert all(f"`{code}`" in PAGE for code, _ in REFUSALS)
    assert {group for _, group in REFUSALS} == {ANY_BLUEPRINT, "login", "scan"}


def test_kinds_fit_their_column() -> None:
    assert max(len(kind.value) for kind in Kind) <= 40
    assert max(len(rule.name) for rule in RULES) <= 40
