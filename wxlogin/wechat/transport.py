"""HTTP to WeChat: pooled, bounded, and silent about what its URLs carry.

AppSecret and code travel in the query string, because WeChat wants them there. The HTTP library
puts URLs into its exceptions and debug logs, so neither ever leaves this file.
"""

from __future__ import annotations

import json
import logging
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from wxlogin import errors
from wxlogin.clock import Clock, system_clock
from wxlogin.errors import ApiError
from wxlogin.watch import metrics
from wxlogin.wechat.breaker import Breaker, NotAsked, NothingSent
from wxlogin.wechat.errcodes import KNOWN
from wxlogin.wechat.timely_reply import TIMELY_POOLS

REPLY_BYTES = 65_536
KNOWN_TEXTS = {str(errcode) for errcode in KNOWN}

logger = logging.getLogger(__name__)

# urllib3 logs each request's path and query, and the whole URL where a reply's head is broken.
for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: False)


class Transport:
    """Sends calls to WeChat's server and reads their JSON, whatever content type it comes as.

    At most `most` are under way at once, and none while WeChat fails: see Breaker.
    """

    def __init__(
        self,
        base: str,
        timeout: tuple[float, float],
        clock: Clock = system_clock,
        most: int = 64,
    ) -> None:
        self._base = base
        self._timeout = timeout
        self._breaker = Breaker(clock, most)
        self._http = requests.Session()
        # Proxies and netrc of the machine are not for calls that carry the AppSecret.
        self._http.trust_env = False
        # A compressed reply could be small on the wire and huge in memory.
        self._http.headers = {"User-Agent": "wxlogin", "Accept-Encoding": "identity"}
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=most, max_retries=0)
        adapter.poolmanager.pool_classes_by_scheme = TIMELY_POOLS
        self._http.mount(base, adapter)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str],
        body: Any = None,
        within: float = 60.0,
    ) -> dict[str, Any]:
        """Send one call, once, and give back the reply's JSON object.

        It takes `within` seconds at most to connect, and as long for the whole reply.

        Raises NotAsked where the breaker refuses, NothingSent where no connection was made, and
        WX_UNAVAILABLE for a timeout, a fault on the way, a status other than 200, a reply over
        64 KiB or one that is no JSON object.
        """
        began, result = time.perf_counter(), "no_answer"
        try:
            reply = self._asked(method, path, params, body, within)
            result = _result(reply)
        except NotAsked:
            result = "not_asked"
            raise
        finally:
            metrics.wechat(path, result).observe(time.perf_counter() - began)
        return reply

    def _asked(
        self, method: str, path: str, params: dict[str, str], body: Any, within: float
    ) -> dict[str, Any]:
        fault = "none"
        try:
            with self._breaker.call():
                return self._exchange(method, path, params, body, within)
        except (requests.RequestException, HTTPError, ValueError, RecursionError) as error:
            fault, unsent = type(error).__name__, _nothing_was_sent(error)
        # Raised out here, so that the library's exception, which holds the URL, is not its context.
        logger.warning("WeChat did not answer %s: %s", path, fault)
        raise NothingSent(errors.WX_UNAVAILABLE) if unsent else ApiError(errors.WX_UNAVAILABLE)

    def _exchange(
        self, method: str, path: str, params: dict[str, str], body: Any, within: float
    ) -> dict[str, Any]:
        connect, read = (max(0.01, min(part, within)) for part in self._timeout)
        with self._http.request(
            method,
            self._base + path,
            params=params,
            json=body,
            timeout=(connect, read),
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise ValueError("status is not 200")
            reply = json.loads(_read(response.raw))
        if not isinstance(reply, dict):
            raise ValueError("reply is not an object")
        return reply


def _result(reply: dict[str, Any]) -> str:
    """The errcode for the numbers; those that our code does not know share one name."""
    errcode = str(reply.get("errcode", 0))
    if errcode == "0":
        return metrics.OK
    return errcode if errcode in KNOWN_TEXTS else "other"


def _read(raw: BaseHTTPResponse) -> bytes:
    """The whole body, within the size limit."""
    read = b""
    while piece := raw.read1(REPLY_BYTES + 1 - len(read)):
        read += piece
        if len(read) > REPLY_BYTES:
            raise ValueError("reply is over 64 KiB")
    return read


def _nothing_was_sent(error: Exception) -> bool:
    """Whether the fault lies before the request: then a code in it is unused."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
