"""Settings: one table, read from the environment once, checked as a whole, then frozen.

`load` is the only reader of the environment. Every fault is found before the first is reported,
and no message, repr or log holds a secret's value.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from click import ClickException
from limits import RateLimitItem
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

import config_values as values
from config_values import DataKey

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


def _secret(default: Any, description: str, shown: str = "none") -> Any:
    return Field(default, repr=False, description=description, json_schema_extra={"shown": shown})


def _plain(default: Any, description: str, shown: str = "", **bounds: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"shown": shown}, **bounds)


def _limit(default: str, description: str) -> Any:
    return Field(
        values.limits(default), description=description, json_schema_extra={"shown": f"`{default}`"}
    )


KEPT = "made once and kept in `instance/` (development only)"
Limits = Annotated[tuple[RateLimitItem, ...], BeforeValidator(values.limits)]
Signing = Literal["off", "optional", "required"]
Rings = Annotated[tuple[DataKey, ...], BeforeValidator(values.data_keys)]

PRODUCTION = {"request_signing": "required", "require_https": "on"}
"""Defaults that are stricter in production."""


class Settings(BaseModel):
    """All settings, read-only. The docs are made from this table."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    env: Literal["development", "testing", "production"] = _plain(
        "production",
        "`development`, `testing` or `production`. Production has no default secrets and refuses "
        "to start with weak, short, repeated or well-known keys, with SQLite or with the sandbox.",
    )
    secret_keys: Annotated[tuple[str, ...], BeforeValidator(values.signing_keys)] = _secret(
        (), "Keys that sign tokens: 32 characters or more, comma-separated, newest first.", KEPT
    )
    data_keys: Rings = _secret(
        (), "Keys for data at rest: `id:base64-of-32-bytes`, comma-separated, newest first.", KEPT
    )
    index_keys: Rings = _secret(
        (), "Keys of the blind indexes, in the form of `WXLOGIN_DATA_KEYS`.", KEPT
    )
    database_url: Annotated[str, BeforeValidator(values.database_url)] = _secret(
        "",
        "SQLAlchemy URL; PostgreSQL, MySQL or MariaDB in production.",
        "SQLite in `instance/` (development only)",
    )
    redis_url: Annotated[str, BeforeValidator(values.redis_url)] = _secret(
        "",
        "Redis or Valkey: `redis://`, `rediss://`, `unix://`, `redis+sentinel://` or "
        "`redis+cluster://`; see redis.md.",
        "an embedded Valkey that `make run` starts",
    )
    redis_wait: int = _plain(
        0, "Replicas that must have a login, logout or ban before it is answered.", ge=0, le=8
    )
    wx_appid: str = _plain(
        "",
        "The first mini-program, and the one meant when a login names none.",
        "none",
        pattern=r"^wx[0-9a-zA-Z]{8,30}$",
    )
    wx_secret: Annotated[str, BeforeValidator(values.app_secret)] = _secret(
        "",
        "Its AppSecret. It seeds the database when the app is not registered yet; afterwards the "
        "database holds the secret, and a different one here is warned of at start.",
    )
    wx_api_base: Annotated[str, BeforeValidator(values.http_url)] = _plain(
        "https://api.weixin.qq.com", "Where WeChat is."
    )
    wx_timeout: Annotated[tuple[float, float], BeforeValidator(values.timeouts)] = _plain(
        (1.5, 4.0), "Connect and read seconds for a call to WeChat.", "1.5,4"
    )
    wx_concurrency: int = _plain(
        64, "Most calls to WeChat at once in a worker; below its threads, if any.", ge=1, le=1000
    )
    session_idle_ttl: int = _plain(
        604_800, "Seconds without a request after which a session ends.", ge=60, le=31_536_000
    )
    session_max_age: int = _plain(
        2_592_000, "Seconds after login at which a session ends in any case.", ge=60, le=31_536_000
    )
    session_key_ttl: int = _plain(
        7_200, "Seconds for which WeChat's session_key is kept; 7200 at most.", ge=60, le=7_200
    )
    single_device_login: Annotated[
        Literal["off", "all", "per-platform"], BeforeValidator(values.single_device)
    ] = _plain(
        "off",
        "`off`, `all` (one session a user; the newest wins) or `per-platform` (one a platform); "
        "`true` and `false` mean `all` and `off`.",
    )
    max_devices: int = _plain(12, "Most sessions a user may hold.", ge=1, le=100)
    device_overflow: Literal["evict", "refuse"] = _plain(
        "evict", "Over the limit: `evict` ends the oldest, `refuse` refuses the login."
    )
    request_signing: Signing = _plain(
        "optional",
        "`off`, `optional` (checked when present) or `required`: signatures of requests.",
        "`required` in production, else `optional`",
    )
    auth_signing: Signing = _plain("optional", "The same for business calls behind `GET /v1/auth`.")
    trusted_hops: int = _plain(
        0,
        "Reverse proxies in front; so many X-Forwarded-* hops are believed, from the right.",
        "`0`; none in production",
        ge=0,
        le=8,
    )
    require_https: Annotated[bool, BeforeValidator(values.switch)] = _plain(
        default=False, description="Refuse what did not come over HTTPS.", shown="on in production"
    )
    limit_login_ip: Limits = _limit("600/minute", "Logins from one address.")
    limit_login_openid: Limits = _limit("10/minute", "Logins of one openid.")
    limit_fail_ip: Limits = _limit(
        "30/minute", "Failures from one address: bad codes, forged tokens, unknown paths."
    )
    limit_api_ip: Limits = _limit("30000/minute", "Authenticated calls from one address.")
    limit_api_openid: Limits = _limit("300/minute", "Authenticated calls of one openid.")
    limit_decrypt_openid: Limits = _limit("30/minute", "Open data calls of one openid.")
    open_data_max_age: int = _plain(
        600, "Oldest watermark of open data that is accepted, in seconds.", ge=60, le=86_400
    )
    sandbox: Annotated[bool, BeforeValidator(values.switch)] = _plain(
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
