"""What /metrics tells, and by how much it grew. Other tests of the process count there as well."""

from __future__ import annotations

import requests
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.harness.site import Site


def samples(text: str) -> list[Sample]:
    """Every series of a scrape with its value."""
    return [one for family in text_string_to_metric_families(text) for one in family.samples]


def total(text: str, name: str, labels: dict[str, str]) -> float:
    """The sum of a name's series that have these labels among theirs."""
    return sum(
        one.value
        for one in samples(text)
        if one.name == name and labels.items() <= one.labels.items()
    )


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

    def grown(self, name: str, **labels: str) -> float:
        """By how much a name's series with these labels grew together."""
        return total(self.text(), name, labels) - total(self._before, name, labels)
