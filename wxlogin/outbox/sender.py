"""Posts JSON to a URL that an operator set: for the webhooks, and for the alerts.

A name is resolved once; each of its addresses is judged, and the connection goes to one that was
judged, so that no second answer of the name's server can lead elsewhere. Redirects are not
followed, and neither proxies nor netrc of the machine are used.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from http.cookiejar import DefaultCookiePolicy
from threading import Thread
from time import monotonic
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from wxlogin.http_deadline import DeadlineHttpConnection, DeadlineHttpsConnection
from wxlogin.outbox.addresses import is_public, resolve
from wxlogin.outbox.errors import SendFailed

CONNECT_SECONDS = 3.0
"""To resolve the name, to connect and for TLS in all; to send, the same again."""
TOTAL_SECONDS = 10.0
"""For all of a post. What connecting and sending leave is for the whole answer."""
MOST_ADDRESSES = 3
ANSWER_BYTES = 65_536
FAULTS = (requests.RequestException, HTTPError, ValueError, OSError)


class AddressRefused(HTTPError):
    """A name leads to an address that is not public."""


class Answer(NamedTuple):
    """The answer to a post: its status, and up to 64 KB of its body."""

    status: int
    body: bytes


class Sender:
    """Posts bodies. `unrestricted` allows plain http and addresses that are not public."""

    def __init__(self, *, unrestricted: bool) -> None:
        self._http = open_session(unrestricted=unrestricted)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a body of JSON once and return the answer; SendFailed if there is none."""
        own = {"Content-Type": "application/json", **headers}
        try:
            with self._http.post(
                url,
                data=body,
                headers=own,
                timeout=_limits(),  # type: ignore[arg-type]  # documented, but not in the stubs
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, response.raw.read(ANSWER_BYTES))
        except FAULTS as fault:
            raise SendFailed(type(fault).__name__) from None  # its message contains the URL


def open_session(*, unrestricted: bool) -> requests.Session:
    """Return a session that connects to what was judged alone; it keeps no cookies.

    `unrestricted` allows plain http and addresses that are not public. The caller forbids redirects
    and names its timeout; that to connect covers the name, all addresses and TLS.
    """
    http = requests.Session()
    http.trust_env = False
    http.headers = {"User-Agent": "wxlogin", "Accept-Encoding": "identity"}
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=32, pool_maxsize=8, max_retries=0)
    pools = OPEN_POOLS if unrestricted else JUDGED_POOLS
    adapter.poolmanager.pool_classes_by_scheme = pools
    http.adapters.clear()
    for scheme in ("http://", "https://") if unrestricted else ("https://",):
        http.mount(scheme, adapter)
    return http


def reach(url: str, *, unrestricted: bool) -> str:
    """Connect as a post would, with TLS for https, and hang up; return why that fails, or nothing.

    Nothing is sent: the receiver logs no request.
    """
    with open_session(unrestricted=unrestricted) as http:
        try:
            adapter = http.get_adapter(url)
            assert isinstance(adapter, HTTPAdapter)
            request = requests.Request("POST", url).prepare()
            pool = adapter.get_connection_with_tls_context(request, verify=True)
            assert isinstance(pool, HTTPConnectionPool)
            with closing(pool._new_conn()) as connection:
                connection.timeout = CONNECT_SECONDS
                connection.connect()
        except FAULTS as fault:
            return type(fault).__name__  # its message contains the URL
    return ""


def _limits() -> Timeout:
    """Return the time limits of one post."""
    return Timeout(connect=CONNECT_SECONDS, total=TOTAL_SECONDS)


def _connect(connection: HTTPConnection, *, judged: bool) -> socket.socket:
    """Connect to the first address that answers; the name stays for TLS and Host.

    The name and all addresses have the connection's timeout in common, and TLS what they leave.
    """
    assert connection.timeout is not None
    end = monotonic() + connection.timeout
    addresses = _resolve(connection, end)
    if judged and not all(map(is_public, addresses)):
        raise AddressRefused
    tried = addresses[:MOST_ADDRESSES]
    for number, address in enumerate(tried):
        share = (end - monotonic()) / (len(tried) - number)
        with suppress(OSError):
            found = create_connection(
                (address, connection.port),
                _require_left(connection, share),
                socket_options=connection.socket_options,
            )
            found.settimeout(_require_left(connection, end - monotonic()))
            return found
    raise NewConnectionError(connection, "no address answers in time")


def _resolve(connection: HTTPConnection, end: float) -> list[str]:
    """Return the addresses of a host; in a thread, since the system's look-up has no limit."""
    found: list[list[str]] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.append(resolve(connection.host, connection.port))

    thread = Thread(target=look_up, name="webhook-name", daemon=True)
    thread.start()
    thread.join(max(0.0, end - monotonic()))
    if not found:
        raise NewConnectionError(connection, "the name is unknown, or not known in time")
    return found[0]


def _require_left(connection: HTTPConnection, seconds: float) -> float:
    if seconds <= 0:
        raise NewConnectionError(connection, "no address answers in time")
    return seconds


class _OpenHttpConnection(DeadlineHttpConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, judged=False)


class _OpenHttpsConnection(DeadlineHttpsConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, judged=False)


class _JudgedHttpsConnection(DeadlineHttpsConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, judged=True)


class _OpenHttp(HTTPConnectionPool):
    ConnectionCls = _OpenHttpConnection


class _OpenHttps(HTTPSConnectionPool):
    ConnectionCls = _OpenHttpsConnection


class _JudgedHttps(HTTPSConnectionPool):
    ConnectionCls = _JudgedHttpsConnection


OPEN_POOLS = {"http": _OpenHttp, "https": _OpenHttps}
JUDGED_POOLS = {"https": _JudgedHttps}
