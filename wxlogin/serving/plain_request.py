"""Plain requests: those whose head is so ordinary that one pattern reads it.

Gunicorn parses in Python, header by header, since it must be right about everything a caller may
send. Nearly every request is a few printable lines without a body, and about these nobody can be
mistaken. What is not exactly so goes to gunicorn's own parser, byte for byte, which refuses it or
not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import Unreader

from config import script_name

END = b"\r\n\r\n"
# The target begins with one slash and has no fragment; each header has one line of visible ASCII.
HEAD = re.compile(
    r"(?P<method>GET|HEAD|DELETE|OPTIONS) (?P<target>/(?!/)[!-\"$-~]*) HTTP/1\.1"
    r"(?P<headers>(?:\r\n[A-Za-z0-9-]+:[ -~]*)*)"
)
NOT_PLAIN = frozenset(
    {"CONTENT_LENGTH"}
    | {f"HTTP_{name}" for name in ("EXPECT", "TE", "TRAILER", "TRANSFER_ENCODING", "UPGRADE")}
)
"""Keys of the environ whose headers gunicorn has to judge."""

HOOKS = ("pre_request", "post_request")
EXTRAS = (
    *("accesslog", "logconfig", "logconfig_dict", "logconfig_json", "syslog", "statsd_host"),
    *("is_ssl", "secure_scheme_headers"),
)


class PlainRequest:
    """A request without a body: what its head says, and what gunicorn asks of each request."""

    __slots__ = ("body", "environ", "proxy_protocol_info")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.body = environ["wsgi.input"]
        self.proxy_protocol_info: Mapping[str, Any] = {}

    def should_close(self) -> bool:
        """Return False: a request that ends its connection is not plain."""
        return False


def needs_no_more(cfg: Config) -> bool:
    """Return whether nothing is set up that gunicorn does for each request beside answering it."""
    settings = cfg.settings
    without_hooks = all(settings[name].get() is settings[name].default for name in HOOKS)
    without_extras = not any(getattr(cfg, name) for name in EXTRAS)
    http_alone = (cfg.proxy_protocol, cfg.http2_cleartext) == ("off", "off")
    keeps = cfg.keepalive > 0
    return bool(without_hooks and without_extras and http_alone and keeps and not script_name())


def plain_parser(
    cfg: Config,
) -> Callable[[Config, Unreader, Any, int], PlainRequest | Request]:
    """Return what parses the next request of a connection, in place of gunicorn's `Request`."""
    # A head within both limits has no line that is longer.
    longest = min(cfg.limit_request_line, cfg.limit_request_field_size)
    most_headers = cfg.limit_request_fields

    def parse(cfg: Config, unreader: Unreader, peer: Any, number: int) -> PlainRequest | Request:
        data = unreader.read()
        end = data.find(END)
        head = HEAD.fullmatch(data[:end].decode("latin-1")) if 0 < end <= longest else None
        environ = _environ(head, most_headers) if head else None
        if environ is None:
            unreader.unread(data)
            return Request(cfg, unreader, peer, number)
        if len(data) > end + len(END):
            unreader.unread(data[end + len(END) :])
        return PlainRequest(environ)

    return parse


def _environ(head: re.Match[str], most_headers: int) -> dict[str, Any] | None:
    """Return what a head says, in WSGI's names; None where gunicorn has to judge it."""
    method, target, lines = head.groups()
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "RAW_URI": target,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "wsgi.input": BytesIO(),
    }
    headers = lines.split("\r\n")
    fields = len(environ) + len(headers) - 1
    for line in headers[1:]:
        name, _, value = line.partition(":")
        environ[_key(name)] = value.strip(" ")
    repeated = len(environ) < fields
    if repeated or len(headers) > most_headers or not NOT_PLAIN.isdisjoint(environ):
        return None
    return environ if environ.pop("HTTP_CONNECTION", "keep-alive") == "keep-alive" else None


@lru_cache(256)
def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{key}"
