"""Stores that a test may break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.development.valkey import ValkeyServer


@pytest.fixture
def frail_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey of the test's own."""
    with ValkeyServer(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def frail_site(frail_valkey: ValkeyServer, make_site: Callable[..., Site]) -> Iterator[Site]:
    """A server on that Valkey, which is brought back for the look at what it holds."""
    yield make_site(WXLOGIN_REDIS_URL=frail_valkey.url)
    frail_valkey.resume()
    frail_valkey.start()


@pytest.fixture
def frail_phone(frail_site: Site) -> Phone:
    """Alice's phone, signed in before anything breaks."""
    phone = Phone(frail_site)
    phone.login()
    return phone
