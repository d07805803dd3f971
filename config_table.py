"""The settings as one table: name, type, default, help, secret or not; the docs come from it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from limits import RateLimitItem
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

import config_values as values
from config_values import DataKey


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

PRODUCTION = {
    "request_signing": "required",
    "require_https": "on",
    "admin_require_totp": "on",
}
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
    limit_admin_ip: Limits = _limit("20/minute", "Sign-ins to the console from one address.")
    limit_admin_name: Limits = _limit("10/minute", "Sign-ins to the console under one name.")
    limit_api_token: Limits = _limit("6000/minute", "Calls with one API token.")
    admin_idle_ttl: int = _plain(
        1_800, "Seconds without a request after which an admin's session ends.", ge=60, le=86_400
    )
    admin_max_age: int = _plain(
        43_200,
        "Seconds after sign-in at which an admin's session ends in any case.",
        ge=60,
        le=604_800,
    )
    admin_require_totp: Annotated[bool, BeforeValidator(values.switch)] = _plain(
        default=False, description="Admins must have a second factor.", shown="on in production"
    )
    metrics_token: Annotated[str, BeforeValidator(values.bearer)] = _secret(
        "", "Bearer token that may read `/metrics` from elsewhere: 16 characters or more."
    )
    event_ip: Literal["full", "prefix", "hash"] = _plain(
        "full", "How addresses stand in events: `full`, `prefix` (/24, /48) or `hash`."
    )
    retention_days: int = _plain(
        180, "Days after which `flask purge` removes events and login records.", ge=1, le=3_650
    )
    ip_region_db: Annotated[tuple[str, ...], BeforeValidator(values.region_files)] = _plain(
        (),
        "ip2region's xdb file, or two, comma-separated: one for IPv4 and one for IPv6.",
        "the data that ships with the dependencies",
    )
    alert_webhook: Annotated[str, BeforeValidator(values.webhook)] = _secret(
        "", "Where alerts are posted: a WeCom robot or any JSON endpoint."
    )
    rule_logins_openid: Limits = _limit("30/hour", "An alert on more logins of one openid.")
    rule_decrypt_openid: Limits = _limit(
        "10/hour", "An alert on more failed decryptions of one user."
    )
    rule_fail_ip: Limits = _limit(
        "200/10minutes", "An alert on more forged tokens and bad codes from one address."
    )
    rule_openids_ip: Limits = _limit(
        "300/10minutes", "An alert on more different users from one address."
    )
    rule_wx_errors: Limits = _limit("30/minute", "An alert on more errors of WeChat.")
    sandbox: Annotated[bool, BeforeValidator(values.switch)] = _plain(
        default=False,
        description="Serve the built-in stand-in for WeChat (development and tests only).",
        shown="off; on under `make run`",
    )

    @property
    def production(self) -> bool:
        """Whether the strict rules hold."""
        return self.env == "production"
