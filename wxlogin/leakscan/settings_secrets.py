"""The secrets of the settings, as values to search for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from config import Settings, table
from wxlogin.leakscan import kinds
from wxlogin.leakscan.known_secrets import KnownSecret
from wxlogin.settings.values import DataKey

URLS = ("database_url", "redis_url")
"""Settings of which the password alone is secret."""


def secrets_of(settings: Settings) -> list[KnownSecret]:
    """Return every secret of the settings by the name of its setting."""
    return [
        KnownSecret(_kind(name), name, value)
        for name, field in table().items()
        if not field.repr
        for value in _values(settings, name.removeprefix("WXLOGIN_").lower())
    ]


def _kind(name: str) -> str:
    return kinds.APP_SECRET.id if name == "WXLOGIN_WX_SECRET" else kinds.SETTINGS_KEY.id


def _values(settings: Settings, name: str) -> Iterator[bytes]:
    value = getattr(settings, name)
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, DataKey):
            yield b64encode(one.key).rstrip(b"=")
            yield one.key.hex().encode()
        elif name in URLS:
            yield from _passwords(one)
        elif isinstance(one, str):
            yield one.encode()


def _passwords(url: str) -> Iterator[bytes]:
    """Yield the password of a URL, as it stands there and as it is meant."""
    _, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    yield from {password.encode(), unquote(password).encode()}
