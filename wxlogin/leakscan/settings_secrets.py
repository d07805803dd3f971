"""The secrets of the settings, as values to search for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from config import Settings, table
from wxlogin.leakscan import kinds
from wxlogin.leakscan.known_secrets import KnownSecret
from wxlogin.settings.mail_values import MailServer
from wxlogin.settings.values import DataKey

URLS = ("database_url", "redis_url", "wx_proxy")
"""Settings of which the password alone is secret."""
KINDS = {
    "WXLOGIN_WX_SECRET": kinds.APP_SECRET,
    "WXLOGIN_WX_PUSH_TOKEN": kinds.PUSH_TOKEN,
    "WXLOGIN_WX_PUSH_AES_KEY": kinds.ENCODING_AES_KEY,
}
"""Those that WeChat gave out."""


def secrets_of(settings: Settings) -> list[KnownSecret]:
    """Return every secret of the settings by the name of its setting."""
    return [
        KnownSecret(KINDS.get(name, kinds.SETTINGS_KEY).id, name, *value)
        for name, field in table().items()
        if not field.repr
        for value in _values(settings, name.removeprefix("WXLOGIN_").lower())
    ]


def _values(settings: Settings, name: str) -> Iterator[tuple[bytes, ...]]:
    """Yield each secret of a setting as it is written, and the bytes that it stands for, if any."""
    value = getattr(settings, name)
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, DataKey):
            yield b64encode(one.key).rstrip(b"="), one.key
        elif name in URLS:
            yield from ((password,) for password in _passwords(one))
        elif isinstance(one, MailServer):
            yield from ((text.encode(),) for text in {one.password, quote(one.password, safe="")})
        elif name == "alert_webhook":
            yield (one.encode(),)
            # The key of a robot opens it as well: a parameter, or the end of the path at Feishu.
            yield from ((text.encode(),) for _, text in parse_qsl(urlsplit(one).query))
            yield (urlsplit(one).path.rpartition("/")[2].encode(),)
        elif isinstance(one, str):
            yield (one.encode(),)


def _passwords(url: str) -> Iterator[bytes]:
    """Yield the password of a URL, as it stands there and as it is meant."""
    _, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    yield from {password.encode(), unquote(password).encode()}
