"""The dashboard, the alert rules and the page about the numbers ask for what /metrics has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import ROOT
from tests.harness.metrics import Numbers, samples, words
from tests.harness.phone import Page
from tests.harness.site import Site

DASHBOARD = ROOT / "deploy/grafana/wxlogin.json"
RULES = ROOT / "deploy/prometheus/wxlogin.rules.yml"
SCRAPE = ROOT / "deploy/prometheus/scrape.yml"
PAGE = ROOT / "docs/metrics.md"
NAME = re.compile(r"\bwxlogin_[a-z_]+")
SELECTOR = re.compile(r"\b(wxlogin_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!=|=)"([^"]*)"')


@pytest.fixture
def labels(site: Site) -> dict[str, set[str]]:
    """Each name that /metrics tells once everything happened, with its labels."""
    page = Page(site)
    page.login()
    page.outcome(page.data())
    for _ in range(2):
        page.ask("GET", "/v1/auth")
    page.try_login()
    found: dict[str, set[str]] = {}
    for one in samples(Numbers(site).text()):
        found.setdefault(one.name, set()).update(one.labels)
    return found


def dashboard() -> dict[str, Any]:
    """Grafana's dashboard."""
    return dict(json.loads(DASHBOARD.read_text(encoding="utf-8")))


def rules() -> list[dict[str, Any]]:
    """Prometheus' alert rules."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def queries() -> Iterator[str]:
    """Every expression of the dashboard and of the rules."""
    for panel in dashboard()["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))
    yield from (rule["expr"] for rule in rules())


def unknown(query: str, labels: dict[str, set[str]], allowed: dict[str, set[str]]) -> list[str]:
    """What a query asks for that /metrics never tells: names, labels, values."""
    wrong = []
    for name, matchers in SELECTOR.findall(query):
        wrong += [name] if name not in labels else []
        for label, sign, value in MATCHER.findall(matchers):
            values = value.split("|") if sign == "=~" else [value]
            known = label in labels.get(name, set()) and set(values) <= allowed[label]
            wrong += [] if known else [f"{name}{{{label}={value}}}"]
    for grouping in re.findall(r"\bby \(([^)]*)\)", query):
        told = {label for name in NAME.findall(query) for label in labels.get(name, set())}
        wrong += sorted({label.strip() for label in grouping.split(",")} - told)
    return wrong


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute")
def test_the_dashboard_and_the_rules_ask_for_what_is_told(
    site: Site, labels: dict[str, set[str]]
) -> None:
    allowed = words(site)
    assert [wrong for query in queries() for wrong in unknown(query, labels, allowed)] == []
    asked = {name for query in queries() for name in NAME.findall(query)}
    assert {re.sub("_(total|count|sum|bucket)$", "", name) for name in labels} == {
        re.sub("_(total|count|sum|bucket)$", "", name) for name in asked
    }


@pytest.mark.parametrize(
    "query",
    [
        "rate(wxlogin_login_total[5m])",
        'wxlogin_logins_total{code="ok"}',
        'wxlogin_logins_total{result="fine"}',
        "sum by (endpoint) (rate(wxlogin_logins_total[5m]))",
    ],
)
@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute")
def test_a_query_for_nothing_is_found(site: Site, labels: dict[str, set[str]], query: str) -> None:
    assert unknown(query, labels, words(site)) != []


@pytest.mark.settings(WXLOGIN_LIMIT_LOGIN_OPENID="1/minute")
def test_the_page_names_every_number_and_no_other(labels: dict[str, set[str]]) -> None:
    told = {re.sub("_(count|sum|bucket)$", "", name) for name in labels}
    rows = re.findall(r"^\| `(wxlogin_\w+)` \| ([^|]*) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {name for name, _ in rows} == told
    for name, row in rows:
        own = labels[name] if name in labels else labels[f"{name}_count"]
        assert set(re.findall(r"`(\w+)`", row)) == own


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} <= set(range(24))


def test_rules_say_what_to_do_and_the_scrape_names_them() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
    scrape = yaml.safe_load(SCRAPE.read_text(encoding="utf-8"))
    assert [Path(RULES).name] == scrape["rule_files"]
    assert [job["job_name"] for job in scrape["scrape_configs"]] == ["wxlogin"]
