"""A client that sends targets and headers exactly as they are, from any loopback address."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterable
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.harness.site import Site


class Told(NamedTuple):
    """An answer."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """The problem that it tells, its form checked."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        document: dict[str, Any] = json.loads(self.text)
        assert document["status"] == self.status
        assert document["code"] == self.headers["X-Wxlogin-Error"]
        assert document["request_id"] == self.headers["X-Request-Id"]
        assert document["type"] == f"urn:wxlogin:error:{document['code']}"
        assert {"title", "detail", "action"} < set(document)
        assert ("Retry-After" in self.headers) == (document["action"] == "retry")
        return document


def sent(
    site: Site,
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    *,
    base: str = "",
    source: str = "127.0.0.1",
) -> Told:
    """The answer to exactly this, which `requests` would tidy up, sent from an address.

    `base` is where it goes if not to the site. A Host among the headers takes the usual one's
    place.
    """
    place = urlsplit(base or site.base)
    with closing(_connection(site, place.scheme, place.netloc, source)) as connection:
        named = any(name.lower() == "host" for name, _ in headers)
        connection.putrequest(method, target, skip_host=named, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        told = Told(answer.status, answer.read().decode(), dict(answer.getheaders()))
    site.answers.append(repr(told).encode())
    return told


def _connection(site: Site, scheme: str, place: str, source: str) -> http.client.HTTPConnection:
    near = (source, 0)
    if scheme == "http":
        return http.client.HTTPConnection(place, timeout=30, source_address=near)
    context = ssl.create_default_context(cafile=str(site.verify))
    return http.client.HTTPSConnection(place, timeout=30, source_address=near, context=context)
