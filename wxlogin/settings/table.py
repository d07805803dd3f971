"""The table of settings: name, type, default, description, and whether it is secret."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from limits import RateLimitItem
from pydantic import BeforeValidator

from wxlogin.settings import mail_values, values
from wxlogin.settings.connections import Connections
from wxlogin.settings.fields import limit, plain, secret
from wxlogin.settings.mail_values import MailServer

Limits = Annotated[tuple[RateLimitItem, ...], BeforeValidator(values.limits)]
Signing = Literal["off", "optional", "required"]
Original = Literal["x-original", "x-forwarded"]

PRODUCTION = {
    "request_signing": "required",
    "require_https": "on",
    "admin_require_totp": "on",
    "push_require_aes": "on",
}
"""Defaults that are stricter in production."""


class Settings(Connections):
    """All settings, read-only. docs/settings.md is generated from this table."""

    session_idle_ttl: int = plain(
        604_800, "Seconds without a request after which a session expires.", ge=60, le=31_536_000
    )
    session_max_age: int = plain(
        2_592_000,
        "Seconds after login at which a session expires in any case.",
        ge=60,
        le=31_536_000,
    )
    session_key_ttl: int = plain(
        7_200, "Seconds for which WeChat's session_key is stored; 7200 at most.", ge=60, le=7_200
    )
    single_device_login: Annotated[
        Literal["off", "all", "per-platform"], BeforeValidator(values.single_device)
    ] = plain(
        "off",
        "`off`, `all` (one session per user, the newest) or `per-platform` (one per platform); "
        "`true` and `false` mean `all` and `off`.",
    )
    max_devices: int = plain(12, "Maximum number of sessions per user.", ge=1, le=100)
    device_overflow: Literal["evict", "refuse"] = plain(
        "evict", "Over the maximum, `evict` ends the oldest session and `refuse` refuses the login."
    )
    request_signing: Signing = plain(
        "optional",
        "Request signatures: `off`, `optional` (checked when present) or `required`.",
        "`required` in production, else `optional`",
    )
    auth_signing: Signing = plain(
        "optional", "The same for business calls that `GET /v1/auth` authenticates."
    )
    auth_original: Original = plain(
        "x-original",
        "Where `GET /v1/auth` finds the method and the target of the business call: `x-original` "
        "(X-Original-Method, X-Original-URI) or `x-forwarded` (X-Forwarded-Method and "
        "X-Forwarded-Uri: Traefik, Caddy, APISIX, Envoy). The gateway must set both; the other "
        "pair is not believed.",
    )
    auth_status: Literal["204", "200"] = plain(
        "204",
        "What `GET /v1/auth` answers where all is well: `204`, or `200` for Envoy, which takes "
        "anything else for a refusal.",
    )
    trusted_hops: int = plain(
        0,
        "Number of reverse proxies in front: how many X-Forwarded-* hops are trusted.",
        "`0`; none in production",
        ge=0,
        le=8,
    )
    require_https: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Refuse requests that did not come over HTTPS.",
        shown="on in production",
    )
    risk_refuse: Annotated[int, BeforeValidator(values.risk_rank)] = plain(
        0,
        "`off`, or the risk rank of WeChat's (1-4) from which a user's first login is refused. "
        "Then the first login waits for WeChat's answer; see watch.md.",
        "off",
    )
    risk_rank: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=True,
        description="Ask WeChat for the risk rank of a user who logs in for the first time, which "
        "sends it the client's address. `WXLOGIN_RISK_REFUSE` asks in any case.",
        shown="on",
    )
    join_by_phone: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Users of different mini-programs are one person, too, if WeChat tells the "
        "same phone number of them. A number may pass to somebody else: read persons.md first.",
        shown="off",
    )
    limit_login_ip: Limits = limit("600/minute", "Logins from one address.")
    limit_login_openid: Limits = limit("10/minute", "Logins of one openid.")
    limit_fail_ip: Limits = limit(
        "30/minute",
        "Failures of one kind from one address: invalid codes, forged tokens, unknown paths, "
        "bodies of a wrong size or shape.",
    )
    limit_api_ip: Limits = limit("30000/minute", "Authenticated calls from one address.")
    limit_api_openid: Limits = limit("300/minute", "Authenticated calls of one openid.")
    limit_decrypt_openid: Limits = limit("30/minute", "Open data calls of one openid.")
    limit_profile_openid: Limits = limit(
        "10/minute", "Changes of the profile of one openid; WeChat checks each nickname."
    )
    limit_own_data_openid: Limits = limit(
        "10/hour", "Exports of one openid's own data, and erasures."
    )
    open_data_max_age: int = plain(
        600, "Maximum age of the watermark of open data, in seconds.", ge=60, le=86_400
    )
    push_max_age: int = plain(
        600, "Maximum age of the timestamp of a message push, in seconds.", ge=60, le=86_400
    )
    push_require_aes: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Act on privacy events only when they came encrypted: the signature of a plain "
        "message does not cover its body.",
        shown="on in production",
    )
    web_origins: Annotated[tuple[str, ...], BeforeValidator(values.web_origins)] = plain(
        (),
        "Origins whose pages may call `/v1/scan` from the browser and frame `/scan/`, "
        "comma-separated, such as `https://www.example.com`.",
        "none",
    )
    limit_scan_ip: Limits = limit("60/minute", "Scans begun from one address.")
    limit_scan_poll_ip: Limits = limit(
        "6000/minute", "Questions for the state and the picture of scans from one address."
    )
    limit_admin_ip: Limits = limit("20/minute", "Sign-ins to the console from one address.")
    limit_admin_name: Limits = limit(
        "10/minute",
        "Sign-ins to the console under one name from one address; passwords given again in one "
        "session.",
    )
    limit_admin_name_wide: Limits = limit(
        "100/minute", "Sign-ins to the console under one name from anywhere."
    )
    limit_search: Limits = limit("30/minute", "Searches for users of one admin or API token.")
    limit_export: Limits = limit("20/hour", "Exports and reveals of one admin or API token.")
    limit_doctor: Limits = limit("6/minute", "Runs of the doctor, and test alerts, of one admin.")
    limit_api_token: Limits = limit("6000/minute", "Calls with one API token.")
    admin_idle_ttl: int = plain(
        1_800, "Seconds without a request after which an admin's session expires.", ge=60, le=86_400
    )
    admin_max_age: int = plain(
        43_200,
        "Seconds after sign-in at which an admin's session expires in any case.",
        ge=60,
        le=604_800,
    )
    admin_require_totp: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Require a second factor of every admin.",
        shown="on in production",
    )
    metrics_token: Annotated[str, BeforeValidator(values.bearer)] = secret(
        "", "Bearer token for reading `/metrics` from another machine: 16 characters or more."
    )
    event_ip: Literal["full", "prefix", "hash"] = plain(
        "full", "How events store addresses: `full`, `prefix` (/24, /48) or `hash`."
    )
    retention_days: int = plain(
        180,
        "Days after which `flask --app wsgi purge` removes events, logins and ends of sessions.",
        ge=1,
        le=3_650,
    )
    ip_region_db: Annotated[tuple[str, ...], BeforeValidator(values.region_files)] = plain(
        (),
        "Path of ip2region's xdb file, or two, comma-separated: one for IPv4 and one for IPv6.",
        "the data that ships with the dependencies",
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(values.timezone)] = plain(
        values.timezone("Asia/Shanghai"),
        "The zone of every time that a person reads: in the console, in its charts, in what "
        "commands print. Calls and logs have UTC.",
        "`Asia/Shanghai`",
    )
    alert_language: Literal["zh", "en"] = plain(
        "zh", "What alerts and `flask --app wsgi doctor` speak: `zh` or `en`."
    )
    alert_webhook: Annotated[str, BeforeValidator(values.webhook)] = secret(
        "",
        "URL that alerts are posted to: a robot of WeCom, Feishu, DingTalk or Slack, or any JSON "
        "endpoint.",
    )
    alert_webhook_secret: str = secret(
        "", "The secret under which a robot of Feishu or DingTalk wants messages signed."
    )
    smtp_url: Annotated[MailServer | None, BeforeValidator(mail_values.mail_server)] = secret(
        None,
        "The mail server for alerts: `smtps://user:password@host:465`, or "
        "`smtp://user:password@host:587` for STARTTLS; percent-encode what is special. "
        "`?ca_certs=/path` names a CA of your own.",
    )
    alert_email: Annotated[tuple[str, ...], BeforeValidator(mail_values.recipients)] = plain(
        (), "E-mail addresses that alerts go to, comma-separated.", "none"
    )
    alert_email_from: Annotated[str, BeforeValidator(mail_values.sender)] = plain(
        "",
        "The sender of these mails.",
        "the user of `WXLOGIN_SMTP_URL` if that is an address, else the first recipient",
    )
    webhook_private: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Let webhooks and the alert webhook go to private addresses and over plain "
        "http in production.",
        shown="off",
    )
    avatar_hosts: Annotated[tuple[str, ...], BeforeValidator(values.hosts)] = plain(
        ("qlogo.cn",),
        "Hosts whose pictures of users the console shows, comma-separated, each with those below "
        "it; `none` shows none. The server fetches them.",
        "qlogo.cn",
    )
    rule_logins_openid: Limits = limit("30/hour", "Raise an alert on more logins of one openid.")
    rule_decrypt_openid: Limits = limit(
        "10/hour", "Raise an alert on more failed decryptions of one user."
    )
    rule_fail_ip: Limits = limit(
        "200/10minutes", "Raise an alert on more forged tokens and invalid codes from one address."
    )
    rule_openids_ip: Limits = limit(
        "300/10minutes", "Raise an alert on more distinct users from one address."
    )
    rule_admin_login: Limits = limit(
        "20/10minutes", "Raise an alert on more failed sign-ins to the console from one address."
    )
    rule_admin_login_anywhere: Limits = limit(
        "100/hour", "Raise an alert on more failed sign-ins to the console from anywhere."
    )
    rule_scans_elsewhere: Limits = limit(
        "10/hour",
        "Raise an alert on more scans begun from one address that were confirmed from other "
        "regions.",
    )
    rule_wx_errors: Limits = limit("30/minute", "Raise an alert on more errors of WeChat.")
    rule_phone_calls: int = plain(
        0,
        "Raise an alert on more phone numbers than this that one app got from WeChat in a day "
        "(Beijing time), as WeChat charges for them; 0 raises none.",
        ge=0,
        le=1_000_000_000,
    )
    sandbox: Annotated[bool, BeforeValidator(values.switch)] = plain(
        default=False,
        description="Serve the built-in sandbox in place of WeChat (development and tests only).",
        shown="off; on under `make run`",
    )

    @property
    def production(self) -> bool:
        """Whether the production checks apply."""
        return self.env == "production"

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers may send the console's cookies over HTTPS alone."""
        return self.production or self.require_https
