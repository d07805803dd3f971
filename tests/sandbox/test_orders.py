"""What the page with the phones may ask of the command that runs the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from wxlogin.sandbox import Orders, SandboxServer

APPS = {"wx0123456789abcdef": "5f4dcc3b5aa765d61d8327deb882cf99"}  # made up


@pytest.fixture
def taken() -> list[tuple[str, str]]:
    """The orders that were taken."""
    return []


@pytest.fixture
def url(taken: list[tuple[str, str]]) -> Iterator[str]:
    """A sandbox that takes one kind of order."""
    orders = Orders({"light": ("on", "off")}, lambda name, value: taken.append((name, value)))
    with SandboxServer(APPS, orders=orders) as server:
        yield f"{server.base}/sandbox/orders"


def test_what_is_offered_is_told_and_taken(url: str, taken: list[tuple[str, str]]) -> None:
    assert requests.get(url, timeout=10).json() == {"light": ["on", "off"]}
    answer = requests.post(url, json={"name": "light", "value": "on"}, timeout=10)
    assert (answer.status_code, taken) == (202, [("light", "on")])


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"name": "light", "value": "dim"}},
        {"json": {"name": ["light"], "value": "on"}},
        {"json": {"name": "light", "value": ["on"]}},
        {"json": ["light"]},
        {"json": {}},
        {"data": {"name": "light", "value": "on"}},
        {"data": "[" * 60_000, "headers": {"Content-Type": "application/json"}},
    ],
)
def test_anything_else_is_refused(
    url: str, taken: list[tuple[str, str]], sent: dict[str, object]
) -> None:
    answer = requests.post(url, timeout=10, **sent)  # type: ignore[arg-type]
    assert (answer.status_code, taken) == (400, [])


def test_a_sandbox_that_runs_alone_takes_none() -> None:
    with SandboxServer(APPS) as server:
        assert requests.get(f"{server.base}/sandbox/orders", timeout=10).json() == {}
