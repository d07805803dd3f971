"""A team's own system that receives webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.site import Site
from tests.harness.team import Team


@pytest.fixture
def team() -> Iterator[Team]:
    """Receives everything that it subscribes to."""
    with Team() as team:
        yield team


@pytest.fixture(autouse=True)
def by_hand(site: Site) -> None:
    """Send nothing in the background: tests dispatch when they want to."""
    site.services.webhooks.dispatcher._routing.refuse_new()
