"""Where the alerts of a site go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.harness.receiver import KEY, RULE, Receiver
from tests.harness.site import Site


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Where the alerts go."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def watched(receiver: Receiver, make_site: Callable[..., Site]) -> Callable[..., Site]:
    """Starts servers that post to the receiver; nobody else may learn its address."""

    def make(url: str = "", **settings: str) -> Site:
        site = make_site(WXLOGIN_ALERT_WEBHOOK=url or receiver.url, **{**RULE, **settings})
        site.secrets.add(KEY)
        return site

    return make
