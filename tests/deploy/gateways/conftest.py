"""A phone that is signed in through a gateway."""

from __future__ import annotations

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site


@pytest.fixture
def phone(site: Site) -> Phone:
    """Alice's phone, signed in through the gateway."""
    phone = Phone(site)
    phone.login()
    return phone
