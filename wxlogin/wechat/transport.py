"""HTTP to WeChat: pooled, bounded, and without its URLs in any log or exception.

WeChat wants AppSecret and code in the query string. The HTTP library puts URLs into its exceptions
and debug logs, so neither leaves this file.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Generic, NamedTuple, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from wxlogin import metrics
from wxlogin.clock import Clock, system_clock
from wxlogin.http_deadline import DEADLINE_POOLS
from wxlogin.wechat.breaker import Breaker
from wxlogin.wechat.errcodes import KNOWN
from wxlogin.wechat.errors import ConnectionFailed, NotAttempted, Unavailable

MAX_REPLY_BYTES = 65_536
MAX_PICTURE_BYTES = 1_048_576
PNG = b"\x89PNG\r\n\x1a\n"
JSON = {"Content-Type": "application/json"}
KNOWN_ERRCODES = {str(errcode) for errcode in KNOWN}

Reply = dict[str, object]
"""The JSON object of a reply. Nothing in it is checked yet."""


Answer = TypeVar("Answer")


class _Request(NamedTuple, Generic[Answer]):
    """A request to WeChat; `timeout` is in seconds.

    `read` makes something of a body of `most` bytes; ValueError for one of another form.
    """

    method: str
    path: str
    params: dict[str, str]
    body: Mapping[str, object] | None
    timeout: float
    most: int
    read: Callable[[bytes], Answer]


logger = logging.getLogger(__name__)

# urllib3 logs each request's path and query, and the whole URL if a reply's headers are malformed.
for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda _record: False)


class Transport:
    """Sends calls to WeChat's server and reads their JSON, whatever its content type.

    At most `max_calls` are in progress at a time, and none while WeChat fails: see Breaker.
    """

    def __init__(
        self,
        base: str,
        timeout: tuple[float, float],
        clock: Clock = system_clock,
        max_calls: int = 64,
        proxy: str = "",
        observe_date: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        """`observe_date` gets the Date header of each answer."""
        self._base = base
        self._observe_date = observe_date
        self._timeout = timeout
        self._breaker = Breaker(clock, max_calls)
        self._http = open_session(base, proxy, max_calls)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str],
        body: Mapping[str, object] | None = None,
        timeout: float = 60.0,
    ) -> Reply:
        """Send one call, once, and return the reply's JSON object.

        Connecting takes `timeout` seconds at most, and so does the whole reply.

        Raises NotAttempted if the breaker refuses, ConnectionFailed if no connection was made, and
        Unavailable for a timeout, a fault on the way, a status other than 200, a reply over
        64 KiB or one that is no JSON object.
        """
        return self._call(
            _Request(method, path, params, body, timeout, MAX_REPLY_BYTES, _object_of), _result
        )

    def fetch_picture(
        self, path: str, *, params: dict[str, str], body: Mapping[str, object], timeout: float
    ) -> Reply | bytes:
        """Send a POST as `call` does; return a picture of 1 MiB at most, or WeChat's refusal."""
        request = _Request("POST", path, params, body, timeout, MAX_PICTURE_BYTES, _picture_of)
        return self._call(request, _result_of_picture)

    def _call(self, request: _Request[Answer], result_of: Callable[[Answer], str]) -> Answer:
        started, result = time.perf_counter(), "no_answer"
        try:
            answer = self._send(request)
            result = result_of(answer)
        except NotAttempted:
            result = "not_asked"
            raise
        finally:
            metrics.wechat(request.path, result).observe(time.perf_counter() - started)
        return answer

    def _send(self, request: _Request[Answer]) -> Answer:
        fault = "none"
        try:
            with self._breaker.call():
                return self._exchange(request)
        except (requests.RequestException, HTTPError, ValueError, RecursionError) as error:
            fault, unsent = type(error).__name__, _is_unsent(error)
        # Raised outside the handler: the library's exception contains the URL and must not become
        # the context of ours.
        logger.warning("WeChat did not answer %s: %s", request.path, fault)
        raise ConnectionFailed if unsent else Unavailable

    def _exchange(self, request: _Request[Answer]) -> Answer:
        connect, read = (max(0.01, min(part, request.timeout)) for part in self._timeout)
        with self._http.request(
            request.method,
            self._base + request.path,
            params=request.params,
            data=_encoded(request.body),
            headers=JSON if request.body is not None else None,
            timeout=(connect, read),
            allow_redirects=False,
            stream=True,
        ) as response:
            self._observe_date(response.headers.get("Date"))
            if response.status_code != 200:
                raise ValueError("status is not 200")
            return request.read(read_reply(response.raw, request.most))


def open_session(base: str, proxy: str, max_calls: int) -> requests.Session:
    """Return a session for calls to WeChat, through the proxy if one is named."""
    http = requests.Session()
    # Calls with the AppSecret must not use the machine's proxies or netrc.
    http.trust_env = False
    # A compressed reply can be small on the network and huge in memory.
    http.headers = {"User-Agent": "wxlogin", "Accept-Encoding": "identity"}
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=max_calls, max_retries=0)
    adapter.poolmanager.pool_classes_by_scheme = DEADLINE_POOLS
    if proxy:
        http.proxies = {"http": proxy, "https": proxy}
        adapter.proxy_manager_for(proxy).pool_classes_by_scheme = DEADLINE_POOLS
    http.mount(base, adapter)
    return http


def _object_of(body: bytes) -> Reply:
    # WeChat writes control characters into texts as they are.
    reply: object = json.loads(body, strict=False)
    if not isinstance(reply, dict):
        raise ValueError("reply is not an object")
    return reply


def _picture_of(body: bytes) -> Reply | bytes:
    return body if body.startswith(PNG) else _object_of(body)


def _encoded(body: Mapping[str, object] | None) -> bytes | None:
    """Return JSON in UTF-8: WeChat's content check does not read escaped characters."""
    return None if body is None else json.dumps(body, ensure_ascii=False).encode()


def _result(reply: Reply) -> str:
    """Return the errcode as the metrics label it; unknown ones share a label."""
    errcode = str(reply.get("errcode", 0))
    if errcode == "0":
        return metrics.OK
    return errcode if errcode in KNOWN_ERRCODES else "other"


def _result_of_picture(read: Reply | bytes) -> str:
    return metrics.OK if isinstance(read, bytes) else _result(read)


def read_reply(raw: BaseHTTPResponse, most: int = MAX_REPLY_BYTES) -> bytes:
    """Return the whole body; ValueError if it is over the size limit."""
    read = b""
    while piece := raw.read1(most + 1 - len(read)):
        read += piece
        if len(read) > most:
            raise ValueError("reply is too large")
    return read


def _is_unsent(error: Exception) -> bool:
    """Return whether the request was not sent: then a code in it is unused."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
