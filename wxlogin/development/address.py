"""The addresses that the parts listen on."""

from __future__ import annotations

import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from wxlogin.development.errors import StartError

DEFAULT_PORT = 8000
PORTS_TRIED = 100


class Address(NamedTuple):
    """A host and a port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL for a client on this machine; the loopback address for a wildcard address."""
        if self.host.strip("0.:"):
            return f"http://{self}"
        return f"http://{self._replace(host='::1' if ':' in self.host else '127.0.0.1')}"


def parse_address(text: str) -> Address:
    """Parse HOST:PORT, where port 0 is any free one; StartError if it is taken."""
    wrong = StartError(f"{text} is not an address. Write HOST:PORT, such as 127.0.0.1:8080.")
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if host is None or port is None or str(Address(host, port)) != text.lower():
        raise wrong
    free = _bind(host, port)
    if free is None:
        raise StartError(f"Cannot listen on {text}: it is taken, or not of this machine.")
    return Address(host, free)


def first_free(port: int = DEFAULT_PORT, host: str = "127.0.0.1") -> Address:
    """Return the first free address of `host` from `port` on; StartError after 100 attempts."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        if _bind(host, candidate) is not None:
            return Address(host, candidate)
    raise StartError(f"No port of {host} from {port} on is free.")


def _bind(host: str, port: int) -> int | None:
    """Return the port that a listener on `host` and `port` gets, None if it cannot listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as probe:
            return int(probe.getsockname()[1])
    except OSError:
        return None
