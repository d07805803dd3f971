"""Connections to WeChat: pooled, with deadlines, and through the proxy of the settings alone.

They are urllib3's own: a session of requests around them would double what a call costs.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from urllib.parse import unquote

import certifi
from urllib3 import PoolManager, ProxyManager, Timeout
from urllib3.response import BaseHTTPResponse
from urllib3.util import make_headers, parse_url

from wxlogin.http_deadline import DEADLINE_POOLS

# A compressed reply can be small on the network and huge in memory.
HEADERS = {"User-Agent": "wxlogin", "Accept-Encoding": "identity"}
JSON = {**HEADERS, "Content-Type": "application/json"}


class Connections:
    """Connections for so many calls at a time; direct ones if `proxy` is empty.

    The machine's own proxies and netrc are not looked up: calls have the AppSecret in them.
    """

    def __init__(self, proxy: str, max_calls: int) -> None:
        self._proxy = proxy
        self._max_calls = max_calls

    @contextmanager
    def send(
        self, method: str, url: str, body: bytes | None, timeout: tuple[float, float]
    ) -> Iterator[BaseHTTPResponse]:
        """Send one request, once, and yield the response, whose body is still to be read.

        `body` is JSON. `timeout` is the seconds to connect and those of the whole response. No
        redirect is followed. Raises HTTPError of urllib3, also while the body is read.
        """
        connect, read = timeout
        response = self._pools.urlopen(
            method,
            url,
            body=body,
            headers=HEADERS if body is None else JSON,
            timeout=Timeout(connect=connect, read=read),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            yield response
        finally:
            response.close()  # one that was read to its end has returned its connection by now

    def close(self) -> None:
        """Close the idle connections."""
        self._pools.clear()

    @cached_property
    def _pools(self) -> PoolManager:
        """Made with the first call: commands that call nobody need not read the certificates."""
        pools = (
            _direct(self._max_calls) if not self._proxy else _proxied(self._proxy, self._max_calls)
        )
        pools.pool_classes_by_scheme = DEADLINE_POOLS
        return pools


def _direct(max_calls: int) -> PoolManager:
    return PoolManager(num_pools=1, maxsize=max_calls, ssl_context=_tls())


def _proxied(proxy: str, max_calls: int) -> PoolManager:
    user, _, password = (parse_url(proxy).auth or "").partition(":")
    basic = f"{unquote(user)}:{unquote(password)}" if user else None
    return ProxyManager(
        proxy,
        num_pools=1,
        maxsize=max_calls,
        proxy_headers=make_headers(proxy_basic_auth=basic),
        proxy_ssl_context=_tls(),
        ssl_context=_tls(),
    )


def _tls() -> ssl.SSLContext:
    return _trusting(certifi.where())


@cache
def _trusting(authorities: str) -> ssl.SSLContext:
    """Read a file of authorities once: it takes longer than a login."""
    return ssl.create_default_context(cafile=authorities)
