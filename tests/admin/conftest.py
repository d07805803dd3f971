"""Those who operate the test's site."""

from __future__ import annotations

import pytest

from tests.harness.console import Operator
from tests.harness.site import Site


@pytest.fixture
def owner(site: Site) -> Operator:
    """An owner who is signed in."""
    return Operator(site, "owner").sign_in()
