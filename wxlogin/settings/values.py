"""Parsers of setting values; a ValueError says what the value should look like."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from ip2region import util as xdb
from limits import RateLimitItem, parse_many
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

YEAR = 366 * 86_400


class DataKey(NamedTuple):
    """A 32-byte key, and the id that is stored with everything it encrypts or indexes."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"DataKey(id={self.id!r})"


def signing_keys(text: str) -> tuple[str, ...]:
    """Parse the keys for signing tokens."""
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < 32 for key in keys) or len(set(keys)) != len(keys):
        raise ValueError(
            "should be different keys of 32 characters or more, comma-separated, newest first"
        )
    return keys


def data_key(text: str) -> DataKey:
    """Parse one key with its id."""
    key_id, _, encoded = text.strip().partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not re.fullmatch(r"[a-z0-9]{1,16}", key_id) or len(key) != 32:
        raise ValueError(
            "should be id:base64-of-32-bytes, comma-separated, newest first; ids are a-z and 0-9"
        )
    return DataKey(key_id, key)


def data_keys(text: str) -> tuple[DataKey, ...]:
    """Parse a key ring, newest first."""
    keys = tuple(data_key(part) for part in text.split(","))
    if len({key.id for key in keys}) != len(keys) or len({key.key for key in keys}) != len(keys):
        raise ValueError("should not name one id or one key twice")
    return keys


def database_url(text: str) -> str:
    """Parse a SQLAlchemy URL and select the driver that ships."""
    if not re.match(r"(sqlite|postgresql|mysql|mariadb)(\+\w+)?://", text) or not _can_parse(
        make_url, text
    ):
        raise ValueError("should be a SQLAlchemy URL of postgresql, mysql, mariadb or sqlite")
    # PyMySQL is the driver that ships; SQLAlchemy would look for another one.
    return re.sub(r"^(mysql|mariadb)://", r"\1+pymysql://", text)


class RedisServers(NamedTuple):
    """A Redis with several servers: where to discover the primaries, and the credentials.

    `master` is the sentinels' name of the primary; a cluster has none. `asking` holds the
    credentials for discovery, `signing_in` those for the primaries; `tls` is None without TLS.
    """

    seeds: tuple[tuple[str, int], ...]
    master: str
    signing_in: dict[str, Any]
    asking: dict[str, Any]
    tls: dict[str, Any] | None

    def __repr__(self) -> str:
        return f"RedisServers({self.seeds}, {self.master!r})"


TLS_OPTIONS = {
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_cert_reqs",
    "ssl_certfile",
    "ssl_check_hostname",
    "ssl_ciphers",
    "ssl_keyfile",
}
"""The TLS options that a URL of several servers may contain, by redis-py's names."""


def redis_url(text: str) -> str:
    """Check the URL of Redis."""
    if not _can_parse(redis_servers, text):
        raise ValueError(
            "should be a URL that starts with redis://, rediss:// or unix://, or "
            "redis+sentinel://[user:password@]host:port,host:port/DB?master=NAME, or "
            "redis+cluster://[user:password@]host:port,host:port; over TLS rediss+sentinel:// or "
            "rediss+cluster://; docs/redis.md has what may stand behind the question mark"
        )
    return text


def redis_servers(text: str) -> RedisServers | None:
    """Parse a URL of several servers; None for a URL of one server, which redis-py parses."""
    if re.match(r"(redis|rediss|unix)://.", text):
        _make_connection(text)
        return None
    form, parts = re.match(r"redis(s?)\+(sentinel|cluster)://", text), urlsplit(text)
    query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    path = re.fullmatch(r"/?(\d{0,4})", parts.path)
    if not form or not path or parts.fragment:
        raise ValueError
    tls = _tls(query) if form[1] else None
    by_sentinels = form[2] == "sentinel"
    own = {"master", "sentinel_username", "sentinel_password"} & set(query)
    known = own | (TLS_OPTIONS & set(query) if form[1] else set())
    if set(query) != known or ("master" in own) != by_sentinels:
        raise ValueError
    if not by_sentinels and (own or path[1]):
        raise ValueError
    given = {
        "username": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
    }
    sentinels = {name: query.get(f"sentinel_{name}") for name in given}
    hosts = parts.netloc.rpartition("@")[2]
    return RedisServers(
        _seeds(hosts),
        query.get("master", ""),
        {**given, "db": int(path[1] or 0)},
        sentinels if by_sentinels else given,
        tls,
    )


def _tls(query: dict[str, str]) -> dict[str, Any]:
    """Return the TLS options of the query, in redis-py's types."""
    texts = {name: value for name, value in query.items() if name in TLS_OPTIONS}
    pool = _make_connection(f"rediss://reader?{urlencode(texts)}")
    return {name: pool.connection_kwargs[name] for name in texts}


def _make_connection(url: str) -> ConnectionPool:
    """Validate the options of a URL without connecting; return a pool of its connections."""
    # With driver_info it would read the metadata of redis-py's package each time.
    pool = ConnectionPool.from_url(url, driver_info=None)
    pool.make_connection()
    return pool


def _seeds(hosts: str) -> tuple[tuple[str, int], ...]:
    found = [
        re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)]|([^\[\]:]+)):(\d+)", h) for h in hosts.split(",")
    ]
    seeds = tuple((match[1] or match[2], int(match[3])) for match in found if match)
    if len(seeds) != len(found) or not all(0 < port < 65536 for _, port in seeds):
        raise ValueError
    return seeds


def http_url(text: str) -> str:
    """Parse a URL and drop the slash at its end."""
    # What stands before an @ is a user's name: the host is what follows it.
    if not re.fullmatch(r"https?://[^/?#@\s]+(/[^?#\s]*)?", text) or not _can_parse(_port, text):
        raise ValueError("should be a URL such as https://api.weixin.qq.com")
    return text.rstrip("/")


def web_origins(text: str) -> tuple[str, ...]:
    """Parse the origins of web pages, as browsers write them."""
    origins = tuple(part.strip().lower() for part in text.split(","))
    form = r"https?://(\[[0-9a-f:.]+]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[1-9][0-9]{0,4})?"
    if not all(re.fullmatch(form, one) and _can_parse(_port, one) for one in origins):
        raise ValueError(
            "should be origins such as https://www.example.com, comma-separated, without a path"
        )
    # Browsers leave the port out where it is the scheme's own.
    return tuple(re.sub(r"^(http://.*):80$|^(https://.*):443$", r"\1\2", one) for one in origins)


def hosts(text: str) -> tuple[str, ...]:
    """Parse names of hosts; `none` is none of them."""
    if text.strip().lower() == "none":
        return ()
    names = tuple(part.strip().lower() for part in text.split(","))
    if not all(re.fullmatch(r"([a-z0-9-]+\.)*[a-z0-9-]+", name) for name in names):
        raise ValueError("should be names of hosts such as qlogo.cn, comma-separated, or none")
    return names


def proxy_url(text: str) -> str:
    """Check the URL of an HTTP proxy, which may contain a user and a password."""
    if not re.fullmatch(r"https?://[^/?#\s]+/?", text) or not _can_parse(_port, text):
        raise ValueError("should be a URL such as http://proxy.example.com:3128")
    return text.rstrip("/")


def is_local(url: str) -> bool:
    """Return whether the URL's host is this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")


def webhook(text: str) -> str:
    """Check the URL of a webhook, which may contain a query."""
    if not re.fullmatch(r"https?://[^/?#\s]+[^#\s]*", text) or not _can_parse(_port, text):
        raise ValueError("should be a URL, such as a WeCom robot's")
    return text


def bearer(text: str) -> str:
    """Check a bearer token that is long enough not to be guessed."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,256}", text):
        raise ValueError("should be 16 to 256 letters, digits or signs of a bearer token")
    return text


def timezone(text: str) -> ZoneInfo:
    """Parse the name of a time zone."""
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # a path, a directory, an unknown name
        raise ValueError("should be a time zone such as Asia/Shanghai or UTC") from None


def region_files(text: str) -> tuple[str, ...]:
    """Parse the paths of ip2region files, one per IP version."""
    files = tuple(part.strip() for part in text.split(","))
    kinds = [_ip_version(file) for file in files]
    if None in kinds or len(set(kinds)) != len(kinds):
        raise ValueError(
            "should be the path of a readable xdb file of ip2region, or two, comma-separated, "
            "one for IPv4 and one for IPv6"
        )
    return files


def _ip_version(file: str) -> str | None:
    """Return the IP version of an xdb file, None if it is unreadable or incomplete."""
    try:
        with Path(file).open("rb") as handle:
            header = xdb.load_header(handle)
            size = handle.seek(0, os.SEEK_END)
    except (OSError, ValueError, IndexError):
        return None
    kind = xdb.version_from_header(header)
    known = header.version in (xdb.XdbStructure20, xdb.XdbStructure30)
    index = xdb.HeaderInfoLength + xdb.VectorIndexLength
    complete = index < header.startIndexPtr <= header.endIndexPtr < size
    return kind.name if kind and known and complete else None


def switch(text: str) -> str:
    """Check a boolean: on/off, true/false, yes/no or 1/0."""
    if text.lower() not in ("on", "off", "true", "false", "yes", "no", "1", "0"):
        raise ValueError("should be on or off")
    return text


def single_device(text: str) -> str:
    """Map the boolean values to `all` and `off`; other values stay."""
    return {"true": "all", "false": "off"}.get(text.lower(), text)


def risk_rank(text: str) -> int:
    """Parse a rank from which logins are refused; `off` is 0, which refuses nobody."""
    ranks = {"off": 0, "1": 1, "2": 2, "3": 3, "4": 4}
    if text.lower() not in ranks:
        raise ValueError("should be off, or a risk rank of WeChat's from 1 to 4")
    return ranks[text.lower()]


def _can_parse(parse: Callable[[str], object], text: str) -> bool:
    """Return whether the library can parse the URL; its own message would quote parts of it."""
    try:
        parse(text)
    except (ValueError, TypeError, RedisError, ArgumentError):
        return False
    return True


def _port(text: str) -> int | None:
    return urlsplit(text).port


def timeouts(text: str) -> tuple[float, float]:
    """Parse the connect and read timeouts, in seconds."""
    if not re.fullmatch(r"\d+(\.\d+)?,\d+(\.\d+)?", text):
        raise ValueError("should be two numbers, connect and read seconds, such as 1.5,4")
    connect, read = (float(part) for part in text.split(","))
    if not (0 < connect <= 30 and 0 < read <= 30):
        raise ValueError("should be two numbers above 0 and up to 30")
    return connect, read


def limits(text: str) -> tuple[RateLimitItem, ...]:
    """Parse rate limits in the notation of the library `limits`, for a year at most."""
    try:
        found = tuple(parse_many(text))
    except ValueError:
        found = ()
    # Redis refuses a TTL of more than 63 bits of milliseconds.
    if not found or any(one.get_expiry() > YEAR for one in found):
        raise ValueError("should be limits such as 10/minute or 10/minute;100/hour")
    return found
