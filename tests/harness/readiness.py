"""What /readyz says, and how long a change in it is waited for."""

from __future__ import annotations

from tests.harness.redis_process import until
from tests.harness.site import Site

PARTS = ("redis", "database", "migrations")
WHOLE = dict.fromkeys(PARTS, "ok")


def found(site: Site) -> dict[str, str]:
    """The answer, once its form and its status are checked."""
    answer = site.request("GET", "/readyz")
    body: dict[str, str] = answer.json()
    assert set(body) - {"keys"} == {"status", *PARTS}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.status_code == (503 if body["status"] == "out" else 200)
    return body


def becomes(site: Site, status: str, **parts: str) -> None:
    """Wait until readiness has this status, and each part is in order but for these."""
    wanted = {"status": status, **WHOLE, **parts}
    last: list[dict[str, str]] = []

    def holds() -> bool:
        site.services.watch.readiness._until = 0.0  # else a verdict holds for a second
        last[:] = [found(site)]
        return last == [wanted]

    until(holds, f"{wanted}; last it was {last}")
