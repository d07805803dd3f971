"""The first part of the table of settings: keys, stores and WeChat."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from wxlogin.settings import values, wechat_values
from wxlogin.settings.fields import plain, secret
from wxlogin.settings.values import DataKey

KEPT = "generated once and kept in `instance/` (development only)"
Rings = Annotated[tuple[DataKey, ...], BeforeValidator(values.data_keys)]


class Connections(BaseModel):
    """What the program stands on: its environment, keys, databases, and the way to WeChat."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    env: Literal["development", "testing", "production"] = plain(
        "production",
        "`development`, `testing` or `production`. Production has no default secrets and refuses "
        "to start with weak, short, repeated or well-known keys, with SQLite or with the sandbox.",
    )
    secret_keys: Annotated[tuple[str, ...], BeforeValidator(values.signing_keys)] = secret(
        (), "Keys for signing tokens: 32 characters or more, comma-separated, newest first.", KEPT
    )
    data_keys: Rings = secret(
        (), "Keys for data at rest: `id:base64-of-32-bytes`, comma-separated, newest first.", KEPT
    )
    index_keys: Rings = secret(
        (), "Keys of the blind indexes, in the form of `WXLOGIN_DATA_KEYS`.", KEPT
    )
    assertion_keys: Rings = secret(
        (),
        "Keys that sign `X-Wxlogin-Assertion`, in the form of `WXLOGIN_DATA_KEYS`; without one "
        "there is no such header. See assertions.md.",
    )
    assertion_audience: str = plain(
        "",
        "The claim `aud` of assertions: the name by which your services know what is for them.",
        "none",
        pattern=r"^[\x21-\x7e]{1,200}$",
    )
    database_url: Annotated[str, BeforeValidator(values.database_url)] = secret(
        "",
        "SQLAlchemy URL; PostgreSQL, MySQL or MariaDB in production.",
        "SQLite in `instance/` (development only)",
    )
    database_pool: int = plain(
        5,
        "Maximum number of SQL connections per worker; sizing.md derives `max_connections`.",
        ge=1,
        le=100,
    )
    database_pgbouncer: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="PostgreSQL is reached through a PgBouncer in transaction mode; see sizing.md.",
        shown="off",
    )
    redis_url: Annotated[str, BeforeValidator(values.redis_url)] = secret(
        "",
        "Redis or Valkey: `redis://`, `unix://`, `redis+sentinel://` or `redis+cluster://`, and "
        "with `rediss` over TLS; see redis.md.",
        "an embedded Valkey that `make run` starts",
    )
    redis_wait: int = plain(
        0,
        "Number of replicas that must acknowledge a login, logout or ban before it is answered.",
        ge=0,
        le=8,
    )
    wx_appid: str = plain(
        "",
        "Appid of the first mini-program, and the default for logins that name none.",
        "none",
        pattern=r"^wx[0-9a-zA-Z]{8,30}$",
    )
    wx_secret: Annotated[str, BeforeValidator(wechat_values.app_secret)] = secret(
        "",
        "Its AppSecret. It is copied to the database if the app is not registered yet; after that "
        "the database is authoritative, and a different value here causes a warning at startup.",
    )
    wx_push_token: Annotated[str, BeforeValidator(wechat_values.push_token)] = secret(
        "",
        "Token of its message push, as WeChat's console shows it. Counts while the database has "
        "no keys of its push.",
    )
    wx_push_aes_key: Annotated[str, BeforeValidator(wechat_values.push_aes_key)] = secret(
        "", "Its EncodingAESKey: 43 letters and digits. Needs `WXLOGIN_WX_PUSH_TOKEN`."
    )
    wx_api_base: Annotated[str, BeforeValidator(values.http_url)] = plain(
        "https://api.weixin.qq.com", "Base URL of WeChat's server API."
    )
    wx_timeout: Annotated[tuple[float, float], BeforeValidator(values.timeouts)] = plain(
        (1.5, 4.0), "Connect and read timeout of a call to WeChat, in seconds.", "1.5,4"
    )
    public_url: Annotated[str, BeforeValidator(values.http_url)] = plain(
        "",
        "Base URL under which people and phones reach wxlogin. Admins' passkeys are for its host; "
        "`flask --app wsgi doctor` calls it.",
        "none",
    )
    wx_proxy: Annotated[str, BeforeValidator(values.proxy_url)] = secret(
        "", "HTTP proxy for calls to WeChat; its URL may contain a user and a password."
    )
    wx_api_insecure: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Accept a `WXLOGIN_WX_API_BASE` with plain http in production: cloud hosting, "
        "an internal relay. The AppSecret travels in clear.",
        shown="off",
    )
    wx_concurrency: int = plain(
        64,
        "Maximum number of concurrent calls to WeChat per worker; fewer than its threads, if any.",
        ge=1,
        le=1000,
    )
