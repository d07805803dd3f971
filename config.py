"""Settings: one table, read from the environment once, checked as a whole, then frozen.

`load` is the only reader of the environment. Every fault is found before the first is reported,
and no message, repr or log holds a secret's value.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import itertools
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

PREFIX = "WXLOGIN_"
ROOT = Path(__file__).resolve().parent
WELL_KNOWN = (b"secret", b"changeme", b"change-me", b"password", b"wxlogin", b"example", b"default")


class ConfigError(Exception):
    """The settings are wrong; the message names every one of them and what it should look like."""

    def __init__(self, faults: list[str]) -> None:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"wxlogin cannot start with these settings:\n{lines}")
        self.faults = faults


class DataKey(NamedTuple):
    """One 32-byte key and the id that stands beside everything it seals or indexes."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"DataKey(id={self.id!r})"


# Readers: text in, value out; ValueError says what the text should look like.


def _signing_keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < 32 for key in keys) or len(set(keys)) != len(keys):
        raise ValueError(
            "should be different keys of 32 characters or more, comma-separated, newest first"
        )
    return keys


def _data_key(text: str) -> DataKey:
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


def _data_keys(text: str) -> tuple[DataKey, ...]:
    keys = tuple(_data_key(part) for part in text.split(","))
    if len({key.id for key in keys}) != len(keys) or len({key.key for key in keys}) != len(keys):
        raise ValueError("should not name one id or one key twice")
    return keys


def _database_url(text: str) -> str:
    scheme = text.partition(":")[0].partition("+")[0]
    if "://" not in text or scheme not in ("sqlite", "postgresql", "mysql", "mariadb"):
        raise ValueError("should be a SQLAlchemy URL of postgresql, mysql, mariadb or sqlite")
    # PyMySQL is the driver that ships; SQLAlchemy would look for another one.
    return re.sub(r"^(mysql|mariadb)://", r"\1+pymysql://", text)


def _redis_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.netloc or parts.path):
        raise ValueError("should be a URL that starts with redis://, rediss:// or unix://")
    return text


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError("should be a URL such as https://api.weixin.qq.com")
    return text.rstrip("/")


def _timeouts(text: str) -> tuple[float, float]:
    if not re.fullmatch(r"\d+(\.\d+)?,\d+(\.\d+)?", text):
        raise ValueError("should be two numbers, connect and read seconds, such as 1.5,4")
    connect, read = (float(part) for part in text.split(","))
    if not (0 < connect <= 30 and 0 < read <= 30):
        raise ValueError("should be two numbers above 0 and up to 30")
    return connect, read


def _secret(default: Any, description: str, shown: str = "none") -> Any:
    return Field(default, repr=False, description=description, json_schema_extra={"shown": shown})


def _plain(default: Any, description: str, shown: str = "", **bounds: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"shown": shown}, **bounds)


KEPT = "made once and kept in `instance/` (development only)"
Rings = Annotated[tuple[DataKey, ...], BeforeValidator(_data_keys)]


class Settings(BaseModel):
    """All settings, read-only. The docs are made from this table."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    env: Literal["development", "testing", "production"] = _plain(
        "production",
        "`development`, `testing` or `production`. Production has no default secrets and refuses "
        "to start with weak, short, repeated or well-known keys, with SQLite or with the sandbox.",
    )
    secret_keys: Annotated[tuple[str, ...], BeforeValidator(_signing_keys)] = _secret(
        (), "Keys that sign tokens: 32 characters or more, comma-separated, newest first.", KEPT
    )
    data_keys: Rings = _secret(
        (), "Keys for data at rest: `id:base64-of-32-bytes`, comma-separated, newest first.", KEPT
    )
    index_keys: Rings = _secret(
        (), "Keys of the blind indexes, in the form of `WXLOGIN_DATA_KEYS`.", KEPT
    )
    database_url: Annotated[str, BeforeValidator(_database_url)] = _secret(
        "",
        "SQLAlchemy URL; PostgreSQL, MySQL or MariaDB in production.",
        "SQLite in `instance/` (development only)",
    )
    redis_url: Annotated[str, BeforeValidator(_redis_url)] = _secret(
        "",
        "Redis or Valkey: `redis://`, `rediss://` or `unix://`.",
        "an embedded Valkey that `make run` starts",
    )
    wx_appid: str = _plain(
        "",
        "The first mini-program, and the one meant when a login names none.",
        "none",
        pattern=r"^wx[0-9a-zA-Z]{8,30}$",
    )
    wx_secret: str = _secret(
        "",
        "Its AppSecret. It seeds the database when the app is not registered yet; afterwards the "
        "database holds the secret, and a different one here is warned of at start.",
    )
    wx_api_base: Annotated[str, BeforeValidator(_http_url)] = _plain(
        "https://api.weixin.qq.com", "Where WeChat is."
    )
    wx_timeout: Annotated[tuple[float, float], BeforeValidator(_timeouts)] = _plain(
        (1.5, 4.0), "Connect and read seconds for a call to WeChat.", "1.5,4"
    )
    session_idle_ttl: int = _plain(
        604_800,
        "Seconds without a request after which a session ends.",
        ge=60,
        le=31_536_000,
    )
    session_max_age: int = _plain(
        2_592_000,
        "Seconds after login at which a session ends whatever happens.",
        ge=60,
        le=31_536_000,
    )
    session_key_ttl: int = _plain(
        7_200, "Seconds for which WeChat's session_key is kept; 7200 at most.", ge=60, le=7_200
    )
    max_devices: int = _plain(
        12, "Most sessions a user may hold; a login over it ends the oldest.", ge=1, le=100
    )
    sandbox: bool = _plain(
        default=False,
        description="Serve the built-in stand-in for WeChat (development and tests only).",
        shown="off; on under `make run`",
    )

    @property
    def production(self) -> bool:
        """Whether the strict rules hold."""
        return self.env == "production"


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
    faults += malformed + _contradictions(settings)
    faults += _production_faults(settings, malformed) if settings.production else []
    if faults:
        raise ConfigError(faults)
    return settings if settings.production else _with_embedded(settings, instance)


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
    values = {name.removeprefix(PREFIX).lower(): text for name, text in given.items()}
    try:
        return Settings.model_validate(values), []
    except ValidationError as invalid:
        wrong = {str(error["loc"][0]): error["msg"] for error in invalid.errors()}
    rest = {name: text for name, text in values.items() if name not in wrong}
    faults = [
        f"{PREFIX}{name.upper()} {message.removeprefix('Value error, ').replace('Input ', '')}"
        for name, message in wrong.items()
    ]
    return Settings.model_validate(rest), faults


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.session_idle_ttl > settings.session_max_age:
        faults.append("WXLOGIN_SESSION_IDLE_TTL should not exceed WXLOGIN_SESSION_MAX_AGE")
    if bool(settings.wx_appid) != bool(settings.wx_secret):
        faults.append("WXLOGIN_WX_APPID and WXLOGIN_WX_SECRET should be given together")
    if set(settings.data_keys) & set(settings.index_keys):
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
        if any(_is_weak(key if isinstance(key, bytes) else key.encode()) for key in keys):
            faults.append(f"{PREFIX}{name.upper()} should be random; see docs/settings.md")
    if settings.sandbox:
        faults.append("WXLOGIN_SANDBOX should be off in production")
    if settings.database_url.startswith("sqlite"):
        faults.append("WXLOGIN_DATABASE_URL should not be SQLite in production")
    base = urlsplit(settings.wx_api_base)
    if base.scheme == "http" and base.hostname not in ("127.0.0.1", "::1", "localhost"):
        faults.append("WXLOGIN_WX_API_BASE should start with https://; it carries the AppSecret")
    return faults


def _is_weak(key: bytes) -> bool:
    """Whether a stranger could guess it: few bytes, one piece repeated, a run, a known word."""
    repeated = any(key == (key[:n] * len(key))[: len(key)] for n in range(1, len(key) // 2 + 1))
    run = sum(abs(a - b) <= 1 for a, b in itertools.pairwise(key)) > len(key) // 2
    return len(set(key)) < 12 or repeated or run or any(w in key.lower() for w in WELL_KNOWN)


def _with_embedded(settings: Settings, instance: Path) -> Settings:
    """The settings with what a development machine may leave out taken from `instance`."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept: dict[str, Any] = {}
    if not settings.database_url:
        kept["database_url"] = f"sqlite:///{instance / 'wxlogin.sqlite3'}"
    if not settings.secret_keys:
        kept["secret_keys"] = _signing_keys(_kept(instance / "secret_keys", ""))
    if not settings.data_keys:
        kept["data_keys"] = _data_keys(_kept(instance / "data_keys", "d1:"))
    if not settings.index_keys:
        kept["index_keys"] = _data_keys(_kept(instance / "index_keys", "i1:"))
    return settings.model_copy(update=kept)


def _kept(path: Path, prefix: str) -> str:
    """The key in the file; the first process to come makes it, all others read that one."""
    if not path.exists():
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
