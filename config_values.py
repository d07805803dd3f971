"""How the text of a setting is read; ValueError says what it should look like."""

from __future__ import annotations

import base64
import binascii
import itertools
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from ip2region import util as xdb
from limits import RateLimitItem, parse_many
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

YEAR = 366 * 86_400
WELL_KNOWN = (b"secret", b"changeme", b"change-me", b"password", b"wxlogin", b"example", b"default")


class DataKey(NamedTuple):
    """One 32-byte key and the id that stands beside everything it seals or indexes."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"DataKey(id={self.id!r})"


def signing_keys(text: str) -> tuple[str, ...]:
    """Keys that sign tokens."""
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < 32 for key in keys) or len(set(keys)) != len(keys):
        raise ValueError(
            "should be different keys of 32 characters or more, comma-separated, newest first"
        )
    return keys


def data_key(text: str) -> DataKey:
    """One key with its id."""
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
    """A ring of keys, newest first."""
    keys = tuple(data_key(part) for part in text.split(","))
    if len({key.id for key in keys}) != len(keys) or len({key.key for key in keys}) != len(keys):
        raise ValueError("should not name one id or one key twice")
    return keys


def database_url(text: str) -> str:
    """A SQLAlchemy URL with a driver that ships."""
    if not re.match(r"(sqlite|postgresql|mysql|mariadb)(\+\w+)?://", text) or not _reads(
        make_url, text
    ):
        raise ValueError("should be a SQLAlchemy URL of postgresql, mysql, mariadb or sqlite")
    # PyMySQL is the driver that ships; SQLAlchemy would look for another one.
    return re.sub(r"^(mysql|mariadb)://", r"\1+pymysql://", text)


class RedisServers(NamedTuple):
    """A Redis of several servers: whom to ask for the primaries, and how to sign in to those.

    `master` is the name that sentinels know the primary by; a cluster has none.
    """

    seeds: tuple[tuple[str, int], ...]
    master: str
    signing_in: dict[str, Any]

    def __repr__(self) -> str:
        return f"RedisServers({self.seeds}, {self.master!r})"


def redis_url(text: str) -> str:
    """Where Redis is."""
    if not _reads(redis_servers, text):
        raise ValueError(
            "should be a URL that starts with redis://, rediss:// or unix://, or "
            "redis+sentinel://[user:password@]host:port,host:port/DB?master=NAME, or "
            "redis+cluster://[user:password@]host:port,host:port"
        )
    return text


def redis_servers(text: str) -> RedisServers | None:
    """What a URL of several servers says; None for one of a single server, which redis reads."""
    if re.match(r"(redis|rediss|unix)://.", text):
        ConnectionPool.from_url(text).make_connection()  # connects not yet, but reads its options
        return None
    form, parts = re.match(r"redis\+(sentinel|cluster)://", text), urlsplit(text)
    query = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    path = re.fullmatch(r"/?(\d{0,4})", parts.path)
    if not form or not path or parts.fragment:
        raise ValueError
    wanted = {"master"} if form[1] == "sentinel" else set()
    if set(query) != wanted or (path[1] and not wanted):
        raise ValueError
    signing_in = {
        "username": unquote(parts.username or "") or None,
        "password": unquote(parts.password or "") or None,
        "db": int(path[1] or 0),
    }
    hosts = parts.netloc.rpartition("@")[2]
    return RedisServers(_seeds(hosts), query.get("master", ""), signing_in)


def _seeds(hosts: str) -> tuple[tuple[str, int], ...]:
    found = [
        re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)]|([^\[\]:]+)):(\d+)", h) for h in hosts.split(",")
    ]
    seeds = tuple((match[1] or match[2], int(match[3])) for match in found if match)
    if len(seeds) != len(found) or not all(0 < port < 65536 for _, port in seeds):
        raise ValueError
    return seeds


def http_url(text: str) -> str:
    """An address without a slash at its end."""
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", text) or not _reads(_port, text):
        raise ValueError("should be a URL such as https://api.weixin.qq.com")
    return text.rstrip("/")


def webhook(text: str) -> str:
    """The address of a webhook; what it is called with may stand in its query."""
    if not re.fullmatch(r"https?://[^/?#\s]+[^#\s]*", text) or not _reads(_port, text):
        raise ValueError("should be a URL, such as a WeCom robot's")
    return text


def bearer(text: str) -> str:
    """A bearer token that nobody guesses."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,256}", text):
        raise ValueError("should be 16 to 256 letters, digits or signs of a bearer token")
    return text


def app_secret(text: str) -> str:
    """An AppSecret in the form that WeChat's console shows."""
    if not re.fullmatch("[0-9A-Za-z]{16,64}", text):
        raise ValueError("should be the AppSecret as WeChat's console shows it")
    return text


def region_files(text: str) -> tuple[str, ...]:
    """Files of ip2region, one a kind of address."""
    files = tuple(part.strip() for part in text.split(","))
    kinds = [_addresses_in(file) for file in files]
    if None in kinds or len(set(kinds)) != len(kinds):
        raise ValueError(
            "should be the path of a readable xdb file of ip2region, or two, comma-separated, "
            "one for IPv4 and one for IPv6"
        )
    return files


def _addresses_in(file: str) -> str | None:
    """Of which kind the addresses in an xdb file are; None if it is not a whole one."""
    try:
        with Path(file).open("rb") as handle:
            header = xdb.load_header(handle)
            size = handle.seek(0, os.SEEK_END)
    except (OSError, ValueError, IndexError):
        return None
    kind = xdb.version_from_header(header)
    known = header.version in (xdb.XdbStructure20, xdb.XdbStructure30)
    index = xdb.HeaderInfoLength + xdb.VectorIndexLength
    whole = index < header.startIndexPtr <= header.endIndexPtr < size
    return kind.name if kind and known and whole else None


def switch(text: str) -> str:
    """On or off, in the words of most people."""
    if text.lower() not in ("on", "off", "true", "false", "yes", "no", "1", "0"):
        raise ValueError("should be on or off")
    return text


def single_device(text: str) -> str:
    """A switch that grew a third way."""
    return {"true": "all", "false": "off"}.get(text.lower(), text)


def _reads(reader: Callable[[str], object], text: str) -> bool:
    """Whether the library that will use the URL can read it; its own message would quote parts."""
    try:
        reader(text)
    except (ValueError, TypeError, RedisError, ArgumentError):
        return False
    return True


def _port(text: str) -> int | None:
    return urlsplit(text).port


def timeouts(text: str) -> tuple[float, float]:
    """Connect and read seconds."""
    if not re.fullmatch(r"\d+(\.\d+)?,\d+(\.\d+)?", text):
        raise ValueError("should be two numbers, connect and read seconds, such as 1.5,4")
    connect, read = (float(part) for part in text.split(","))
    if not (0 < connect <= 30 and 0 < read <= 30):
        raise ValueError("should be two numbers above 0 and up to 30")
    return connect, read


def limits(text: str) -> tuple[RateLimitItem, ...]:
    """Rate limits in the notation of the library `limits`, for a year at most."""
    try:
        found = tuple(parse_many(text))
    except ValueError:
        found = ()
    # Redis refuses to keep a counter for longer than its 63 bits of milliseconds.
    if not found or any(one.get_expiry() > YEAR for one in found):
        raise ValueError("should be limits such as 10/minute or 10/minute;100/hour")
    return found


def is_weak(key: bytes) -> bool:
    """Whether a stranger could guess it: few bytes, one piece repeated, a run, a known word."""
    repeated = any(key == (key[:n] * len(key))[: len(key)] for n in range(1, len(key) // 2 + 1))
    run = sum(abs(a - b) <= 1 for a, b in itertools.pairwise(key)) > len(key) // 2
    return len(set(key)) < 8 or repeated or run or any(w in key.lower() for w in WELL_KNOWN)


def kept_key(path: Path, prefix: str) -> str:
    """The key in the file; the first process to come makes it, all others read that one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(prefix + base64.b64encode(secrets.token_bytes(32)).decode())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
