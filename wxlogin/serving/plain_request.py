"""Plain requests: those whose head is so ordinary that one pattern reads it.

Gunicorn parses in Python, header by header, since it must be right about everything a caller may
send. Nearly every request is a few printable lines without a body, and about these nobody can be
mistaken. What is not exactly so goes to gunicorn's own parser, byte for byte, which refuses it or
not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from gunicorn.config import Config

from config import script_name

Environ = dict[str, Any]

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


def needs_no_more(cfg: Config) -> bool:
    """Return whether nothing is set up that gunicorn does for each request beside answering it."""
    settings = cfg.settings
    without_hooks = all(settings[name].get() is settings[name].default for name in HOOKS)
    without_extras = not any(getattr(cfg, name) for name in EXTRAS)
    http_alone = (cfg.proxy_protocol, cfg.http2_cleartext) == ("off", "off")
    keeps = cfg.keepalive > 0
    return bool(without_hooks and without_extras and http_alone and keeps and not script_name())


class PlainReader:
    """Reads plain heads within gunicorn's limits."""

    def __init__(self, cfg: Config) -> None:
        # A head within both limits has no line that is longer.
        self._longest = min(cfg.limit_request_line, cfg.limit_request_field_size)
        self._most_headers = cfg.limit_request_fields

    def read(self, data: bytes) -> tuple[Environ, bytes] | None:
        """Return the request that these bytes begin with, and the bytes that follow it.

        The request is what its head says, in WSGI's names; None where gunicorn has to judge it.
        """
        end = data.find(END)
        head = HEAD.fullmatch(data[:end].decode("latin-1")) if 0 < end <= self._longest else None
        environ = _environ(head, self._most_headers) if head else None
        return None if environ is None else (environ, data[end + len(END) :])


def _environ(head: re.Match[str], most_headers: int) -> Environ | None:
    """Return what a head says, in WSGI's names; None where gunicorn has to judge it."""
    method, target, lines = head.groups()
    path, _, query = target.partition("?")
    environ: Environ = {
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
