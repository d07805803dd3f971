"""Bodies that come in chunks are bounded too."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.harness.gunicorn_server import under_gunicorn
from tests.harness.site import Site
from wxlogin.development.address import Address


@pytest.fixture
def gunicorn(site: Site) -> Iterator[Address]:
    """Gunicorn on the site's stores."""
    with under_gunicorn(site) as address:
        yield address


def test_a_chunked_body_over_the_limit_is_refused_and_not_acted_upon(
    site: Site, gunicorn: Address
) -> None:
    body = json.dumps({"code": "x"}).encode()
    pieces = iter([body, b" " * 262_144, b"garbage"])
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{gunicorn.url}/v1/login", data=pieces, headers=headers, timeout=10)
    assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"
    assert site.sandbox.world.calls["/sns/jscode2session"] == 0
