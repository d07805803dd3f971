"""What /metrics tells, and by how much it grew. Other tests of the process count there as well."""

from __future__ import annotations

from collections.abc import Callable

import requests
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from config import Settings
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.database import MEASURED
from wxlogin.errors import CATALOGUE
from wxlogin.sandbox.wire import PATHS
from wxlogin.watch.alert_rules import BY_NAME
from wxlogin.watch.events import Kind
from wxlogin.wechat.transport import KNOWN_ERRCODES


def samples(text: str) -> list[Sample]:
    """Every series of a scrape with its value."""
    return [one for family in text_string_to_metric_families(text) for one in family.samples]


def selected(text: str, wanted: Callable[[str], bool]) -> list[Sample]:
    """The series whose lines are wanted: a process that ran many tests has thousands."""
    lines = [line for line in text.splitlines() if line.startswith("#") or wanted(line)]
    return samples("\n".join([*lines, ""]))


def total(text: str, name: str, labels: dict[str, str]) -> float:
    """The sum of a name's series that have these labels among theirs."""
    return sum(
        one.value
        for one in selected(text, lambda line: line.startswith(name))
        if one.name == name and labels.items() <= one.labels.items()
    )


def words(site: Site) -> dict[str, set[str]]:
    """Every value that each label may have; `le`, the buckets' bounds, aside."""
    endpoints = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    return {
        "endpoint": endpoints | {"none"},
        "status": {f"{n}xx" for n in range(1, 6)},
        "call": {name.partition(".")[2] for name in endpoints if name.startswith("decrypt.")},
        "result": {"ok", "other", "no_answer", "not_asked", *CATALOGUE, *KNOWN_ERRCODES},
        "api": set(PATHS),
        "script": {path.stem for path in ROOT.glob("wxlogin/**/*.lua")},
        "statement": {*MEASURED, "other"},
        "kind": {kind.value for kind in Kind},
        "rule": set(BY_NAME),
        "limit": {name.removeprefix("limit_") for name in Settings.model_fields},
    }


class Numbers:
    """The numbers of a server, from this moment on."""

    def __init__(self, site: Site, base: str = "") -> None:
        self._url = f"{base or site.base}/metrics"
        self._before = self.text()

    def text(self) -> str:
        """One scrape, straight from this machine."""
        answer = requests.get(self._url, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def changed(self) -> list[Sample]:
        """The series that are new or have another value."""
        before = set(self._before.splitlines())
        return selected(self.text(), lambda line: line not in before)

    def grown(self, name: str, **labels: str) -> float:
        """By how much a name's series with these labels grew together."""
        return total(self.text(), name, labels) - total(self._before, name, labels)
