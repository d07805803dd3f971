"""The keys: their strength, whether one is used twice, and whether the rows find theirs."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import PREFIX, Settings
from wxlogin.accounts import KeyUsage
from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.kinds import settings as kinds
from wxlogin.keyring.known_keys import rows_given_up
from wxlogin.settings.weak_keys import is_weak

RINGS = ("secret_keys", "data_keys", "index_keys", "assertion_keys")


class _Secret(NamedTuple):
    setting: str
    value: bytes


def check_key_strength(installation: Installation) -> list[Finding]:
    """Look for keys that can be guessed, and for secrets that stand in two settings."""
    found = list(_secrets(installation.settings))
    keys = [secret for secret in found if secret.setting in (*RINGS, "metrics_token")]
    weak = dict.fromkeys(secret.setting for secret in keys if is_weak(secret.value))
    return [
        *(kinds.WEAK_KEY.found(setting=PREFIX + name.upper()) for name in weak),
        *_reused(found),
    ]


def check_key_use(installation: Installation) -> list[Finding]:
    """Count the rows whose key the settings do not name."""
    settings = installation.settings
    with Session(installation.sql) as session:
        usage = KeyUsage(
            lambda: session,
            installation.scripts.redis,
            installation.clock,
            settings.secret_keys,
            settings.data_keys,
            settings.index_keys,
        )
        try:
            lost = usage.count().lost - rows_given_up(session.connection())
        except SQLAlchemyError as error:
            return [kinds.UNCOUNTED.found(error=type(error).__name__)]
    return [kinds.LOST_KEY.found(rows=lost)] if lost else []


def _secrets(settings: Settings) -> Iterator[_Secret]:
    """Return every secret of the settings, each key of a ring by itself."""
    for name in RINGS:
        for key in getattr(settings, name):
            yield _Secret(name, key.encode() if isinstance(key, str) else key.key)
    for name in ("metrics_token", "wx_secret"):
        if value := getattr(settings, name):
            yield _Secret(name, value.encode())
    for name in ("database_url", "redis_url", "wx_proxy"):
        if password := urlsplit(getattr(settings, name)).password:
            yield _Secret(name, unquote(password).encode())


def _reused(secrets: list[_Secret]) -> list[Finding]:
    settings: dict[bytes, list[str]] = defaultdict(list)
    for secret in secrets:
        name = PREFIX + secret.setting.upper()
        if name not in settings[_raw(secret.value)]:
            settings[_raw(secret.value)].append(name)
    shared = [names for names in settings.values() if len(names) > 1]
    return [kinds.REUSED.found(settings=", ".join(names)) for names in shared]


def _raw(value: bytes) -> bytes:
    """Return the bytes that a value stands for: a text may be a ring's key in base64."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except ValueError:
        return value
    return decoded if len(decoded) == 32 else value
