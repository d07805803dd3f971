"""HTTP to WeChat: pooled, bounded, and without its URLs in any log or exception.

WeChat wants AppSecret and code in the query string. The HTTP library puts URLs into its exceptions
and debug logs, so neither leaves this file.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from wxlogin import metrics
from wxlogin.clock import Clock, system_clock
from wxlogin.wechat.breaker import Breaker
from wxlogin.wechat.connections import Connections
from wxlogin.wechat.errcodes import KNOWN
from wxlogin.wechat.errors import ConnectionFailed, NotAttempted, Unavailable

MAX_REPLY_BYTES = 65_536
MAX_PICTURE_BYTES = 1_048_576
PNG = b"\x89PNG\r\n\x1a\n"
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
        self._connections = Connections(proxy, max_calls)

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
        except (HTTPError, ValueError, RecursionError) as error:
            fault, unsent = type(error).__name__, _is_unsent(error)
        # Raised outside the handler: the library's exception contains the URL and must not become
        # the context of ours.
        logger.warning("WeChat did not answer %s: %s", request.path, fault)
        raise ConnectionFailed if unsent else Unavailable

    def _exchange(self, request: _Request[Answer]) -> Answer:
        connect, read = (max(0.01, min(part, request.timeout)) for part in self._timeout)
        query = f"?{urlencode(request.params)}" if request.params else ""
        body = _encoded(request.body)
        with self._connections.send(
            request.method, self._base + request.path + query, body, (connect, read)
        ) as response:
            self._observe_date(response.headers.get("Date"))
            if response.status != 200:
                raise ValueError("status is not 200")
            return request.read(read_reply(response, request.most))


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
    return isinstance(error, NewConnectionError | ConnectTimeoutError)
