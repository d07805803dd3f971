"""Settings: read from the environment once, checked as a whole, then frozen.

`load` is the only reader of the environment. Every fault is found before the first is reported,
and no message, repr or log holds a secret's value.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from click import ClickException
from pydantic import ValidationError
from pydantic.fields import FieldInfo

import config_values as values
from config_table import PRODUCTION, Settings

__all__ = ["ROOT", "ConfigError", "Settings", "embedded_redis", "environment", "load", "table"]

PREFIX = "WXLOGIN_"
ROOT = Path(__file__).resolve().parent


class ConfigError(ClickException):
    """The settings are wrong; the message names every one of them and what it should look like.

    The flask commands show it as a message, without a traceback.
    """

    exit_code = 2

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"wxlogin cannot start with these settings:\n{lines}")
        self.faults = faults


def table() -> dict[str, FieldInfo]:
    """Every setting by its name in the environment, in the order of the docs."""
    return {PREFIX + name.upper(): info for name, info in Settings.model_fields.items()}


def load(environ: Mapping[str, str] | None = None, instance: Path = ROOT / "instance") -> Settings:
    """Read and check the settings; raise ConfigError with every fault in one message.

    In development and testing the keys that are not given are made once and kept in `instance`,
    and the database is a SQLite file there.
    """
    given, faults = _given(os.environ if environ is None else environ)
    settings, malformed = _checked(given)
    wrong = [fault.partition(" ")[0] for fault in malformed]
    faults += malformed
    faults += [f for f in _contradictions(settings) if not any(name in f for name in wrong)]
    faults += _production_faults(settings, malformed) if settings.production else []
    if settings.production and "WXLOGIN_TRUSTED_HOPS" not in given:
        faults.append("WXLOGIN_TRUSTED_HOPS is missing; name the reverse proxies in front, or 0")
    if faults:
        raise ConfigError(faults)
    return settings if settings.production else _with_embedded(settings, instance)


def embedded_redis(instance: Path) -> str:
    """Where the Valkey of `make run` listens, so that the flask commands find it beside."""
    return f"unix://{quote(str(instance / 'valkey' / 'valkey.sock'))}"


def environment(**defaults: str) -> dict[str, str]:
    """The environment for a child process, with `defaults` where it names nothing.

    A setting that is blank is not named; one that is named as a file is.
    """
    given = {name: text for name, text in os.environ.items() if _is_given(name, text)}
    named = {name.removesuffix("_FILE") for name in given}
    return given | {n: text for n, text in defaults.items() if n.removesuffix("_FILE") not in named}


def _is_given(name: str, text: str) -> bool:
    return bool(text.strip()) or not name.startswith(PREFIX)


def _given(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The settings that the environment names, `_FILE` forms read, and what is wrong there."""
    known, given, faults = table(), {}, []
    for name, text in sorted(environ.items()):
        base = name.removesuffix("_FILE")
        if not name.startswith(PREFIX) or not text.strip():
            continue
        if name in known:
            given[name] = text.strip()
        elif base not in known or known[base].repr:
            near = difflib.get_close_matches(name, known, n=1)
            faults.append(f"{name} is not a setting" + (f"; is {near[0]} meant?" if near else ""))
        elif environ.get(base, "").strip():
            faults.append(f"{name} and {base} are both given; keep one")
        else:
            try:
                given[base] = Path(text).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                faults.append(f"{name} should be the path of a readable text file")
    return given, faults


def _checked(given: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings, those that do not parse at their defaults, and a fault for each of these."""
    texts = {name.removeprefix(PREFIX).lower(): text for name, text in given.items()}
    if texts.get("env", "production") == "production":
        texts = {**PRODUCTION, **texts}
    try:
        return Settings.model_validate(texts), []
    except ValidationError as invalid:
        wrong = {str(error["loc"][0]): error["msg"] for error in invalid.errors()}
    rest = {name: text for name, text in texts.items() if name not in wrong}
    faults = [
        f"{PREFIX}{name.upper()} {re.sub('^(Value error, |Input |String )', '', message)}"
        for name, message in wrong.items()
    ]
    return Settings.model_validate(rest), faults


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.session_idle_ttl > settings.session_max_age:
        faults.append("WXLOGIN_SESSION_IDLE_TTL should not exceed WXLOGIN_SESSION_MAX_AGE")
    if bool(settings.wx_appid) != bool(settings.wx_secret):
        faults.append("WXLOGIN_WX_APPID and WXLOGIN_WX_SECRET should be given together")
    if {key.key for key in settings.data_keys} & {key.key for key in settings.index_keys}:
        faults.append("WXLOGIN_INDEX_KEYS should not repeat a key of WXLOGIN_DATA_KEYS")
    return faults


def _production_faults(settings: Settings, malformed: list[str]) -> list[str]:
    """What production refuses: nothing given where a secret must be, weak keys, test parts."""
    faults = [
        f"{PREFIX}{name.upper()} is missing; production has no default for it"
        for name in ("secret_keys", "data_keys", "index_keys", "database_url", "redis_url")
        if not getattr(settings, name) and not any(name.upper() in fault for fault in malformed)
    ]
    for name in ("secret_keys", "data_keys", "index_keys"):
        keys = [getattr(key, "key", key) for key in getattr(settings, name)]
        if any(values.is_weak(key if isinstance(key, bytes) else key.encode()) for key in keys):
            faults.append(f"{PREFIX}{name.upper()} should be random; see docs/settings.md")
    if settings.sandbox:
        faults.append("WXLOGIN_SANDBOX should be off in production")
    if settings.database_url.startswith("sqlite"):
        faults.append("WXLOGIN_DATABASE_URL should not be SQLite in production")
    base = urlsplit(settings.wx_api_base)
    if base.scheme == "http" and base.hostname not in ("127.0.0.1", "::1", "localhost"):
        faults.append("WXLOGIN_WX_API_BASE should start with https://; it carries the AppSecret")
    return faults


def _with_embedded(settings: Settings, instance: Path) -> Settings:
    """The settings with what a development machine may leave out taken from `instance`."""
    kept: dict[str, Any] = {}
    if not settings.redis_url:
        kept["redis_url"] = embedded_redis(instance)
    if not settings.database_url:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept["database_url"] = f"sqlite:///{instance / 'wxlogin.sqlite3'}"
    if not settings.secret_keys:
        kept["secret_keys"] = values.signing_keys(values.kept_key(instance / "secret_keys", ""))
    if not settings.data_keys:
        kept["data_keys"] = values.data_keys(values.kept_key(instance / "data_keys", "d1:"))
    if not settings.index_keys:
        kept["index_keys"] = values.data_keys(values.kept_key(instance / "index_keys", "i1:"))
    return settings.model_copy(update=kept)
