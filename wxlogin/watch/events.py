"""Security events: their kinds, severities and subjects.

A kind is named `subject.action`. An event identifies a user by the public id alone. It holds the
address of the request; the recorder formats that as WXLOGIN_EVENT_IP says.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Severity = Literal["info", "warning", "alarm"]
SubjectKind = Literal["user", "address", "app"]
AlertSubject = SubjectKind | Literal["admin", "token"]
"""What an alert is about; an event about an admin or a token is found by its address."""


class Kind(StrEnum):
    """The kinds of events, each with its name, severity and kind of subject."""

    severity: Severity
    subject_kind: SubjectKind

    def __new__(cls, name: str, severity: Severity, subject_kind: SubjectKind) -> Kind:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.severity = severity
        kind.subject_kind = subject_kind
        return kind

    LOGIN_SUCCEEDED = "login.succeeded", "info", "user"
    LOGIN_REGION_UNUSUAL = "login.region_unusual", "warning", "user"
    LOGIN_TRAVEL_TOO_FAST = "login.travel_too_fast", "warning", "user"
    LOGIN_RATE_LIMITED = "login.rate_limited", "warning", "user"
    LOGIN_BANNED = "login.banned", "warning", "user"
    LOGIN_RISKY = "login.risky", "warning", "address"
    LOGIN_RISK_UNKNOWN = "login.risk_unknown", "warning", "app"
    LOGIN_DEVICE_REFUSED = "login.device_refused", "info", "user"
    CODE_INVALID = "code.invalid", "info", "address"
    CODE_REUSED = "code.reused", "info", "address"
    TOKEN_FORGED = "token.forged", "warning", "address"
    SCAN_CONFIRMED = "scan.confirmed", "info", "user"
    SCAN_CONFIRMED_ELSEWHERE = "scan.confirmed_elsewhere", "warning", "user"
    SCAN_REFUSED = "scan.refused", "warning", "user"
    REQUEST_RATE_LIMITED = "request.rate_limited", "warning", "user"
    REQUEST_REPLAYED = "request.replayed", "warning", "user"
    REQUEST_SIGNATURE_INVALID = "request.signature_invalid", "warning", "user"
    DECRYPT_FAILED = "decrypt.failed", "warning", "user"
    SESSION_KEY_STALE = "session_key.stale", "info", "user"
    SESSION_RECORD_UNKNOWN = "session.record_unknown", "warning", "user"
    WECHAT_USER_BLOCKED = "wechat.user_blocked", "info", "address"
    WECHAT_RATE_LIMITED = "wechat.rate_limited", "warning", "app"
    WECHAT_UNAVAILABLE = "wechat.unavailable", "warning", "app"
    WECHAT_MISCONFIGURED = "wechat.misconfigured", "alarm", "app"
    WECHAT_PHONE_CALLS = "wechat.phone_calls", "warning", "app"
    PUSH_UNENCRYPTED = "push.unencrypted", "warning", "app"
    ADMIN_LOGIN_FAILED = "admin.login_failed", "warning", "address"
    ADMIN_CODE_GUESSED = "admin.code_guessed", "alarm", "address"
    ADMIN_SIGNED_IN_ELSEWHERE = "admin.signed_in_elsewhere", "info", "address"
    ADMIN_RECOVERY_CODE_USED = "admin.recovery_code_used", "warning", "address"
    ADMIN_CREATED = "admin.created", "warning", "address"
    ADMIN_TOKEN_CREATED = "admin.token_created", "warning", "address"
    ADMIN_SEARCH_LIMITED = "admin.search_limited", "alarm", "address"
    ADMIN_EXPORT_LIMITED = "admin.export_limited", "alarm", "address"
    ADMIN_CSRF_FAILED = "admin.csrf_failed", "warning", "address"
    SECRET_LEAK_BLOCKED = "secret.leak_blocked", "alarm", "app"
    WEBHOOK_PAUSED = "webhook.paused", "alarm", "app"
    CERTIFICATE_ENDS = "certificate.ends", "alarm", "app"
    WATCH_OVERFLOW = "watch.overflow", "alarm", "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The fields of every event: the user's public id, the unformatted address, the appid."""

    kind: Kind
    user: str = ""
    address: str = ""
    app: str = ""
    request_id: str = ""

    def detail(self) -> dict[str, str | int]:
        """Return the fields that have no column of their own and are not empty."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: own[name] for name in own if name not in COLUMNS and own[name]}


COLUMNS = frozenset({"kind", "user", "address", "request_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A login that succeeded; the first one of a user with WeChat's risk rank, if it is known."""

    kind: Literal[Kind.LOGIN_SUCCEEDED] = Kind.LOGIN_SUCCEEDED
    platform: str = ""
    risk_rank: int | None = None

    def detail(self) -> dict[str, str | int]:
        """Return the fields that have no column; a rank of 0 says something too."""
        known = {} if self.risk_rank is None else {"risk_rank": self.risk_rank}
        return Event.detail(self) | known


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskyLogin(Event):
    """A first login that was refused for WeChat's risk rank."""

    kind: Literal[Kind.LOGIN_RISKY] = Kind.LOGIN_RISKY
    risk_rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAnomaly(Event):
    """A login from an unusual region, the region of the previous login, and their distance."""

    kind: Literal[Kind.LOGIN_REGION_UNUSUAL, Kind.LOGIN_TRAVEL_TOO_FAST]
    region: str
    before: str = ""
    kilometres: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanEvent(Event):
    """What a user said to a scan: the browser that began it, its region, the phone's region.

    The address is the browser's.
    """

    browser: str = ""
    region: str = ""
    phone_region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """A refused call: the code in the error catalogue, and the endpoint."""

    code: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakBlocked(Event):
    """An answer was blocked because it contained a secret: the kind of secret, and the endpoint."""

    kind: Literal[Kind.SECRET_LEAK_BLOCKED] = Kind.SECRET_LEAK_BLOCKED
    secret: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyPhoneCalls(Event):
    """An app got more phone numbers on a day than the setting expects."""

    kind: Literal[Kind.WECHAT_PHONE_CALLS] = Kind.WECHAT_PHONE_CALLS
    day: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPaused(Event):
    """An endpoint of a webhook, by its public id, accepted nothing for days and was paused."""

    kind: Literal[Kind.WEBHOOK_PAUSED] = Kind.WEBHOOK_PAUSED
    endpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEnds(Event):
    """The TLS certificate of the public URL ends soon, or callers refuse it for a `fault`."""

    kind: Literal[Kind.CERTIFICATE_ENDS] = Kind.CERTIFICATE_ENDS
    host: str
    days_left: int = 0
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminEvent(Event):
    """A change or a misuse of access to the console: who did it, and to which admin or token."""

    by: str
    target: str = ""

    @property
    def whose(self) -> str:
        """Return the admin or token that an alert is about: the target, else who acted."""
        return self.target or self.by.removeprefix("admin:")


ANY_BLUEPRINT = ""
REFUSALS: dict[tuple[str, str], Kind] = {
    ("TOKEN_INVALID", ANY_BLUEPRINT): Kind.TOKEN_FORGED,
    ("CODE_INVALID", ANY_BLUEPRINT): Kind.CODE_INVALID,
    ("CODE_USED", ANY_BLUEPRINT): Kind.CODE_REUSED,
    ("USER_BANNED", "login"): Kind.LOGIN_BANNED,
    ("DEVICE_LIMIT", "login"): Kind.LOGIN_DEVICE_REFUSED,
    ("USER_BANNED", "scan"): Kind.LOGIN_BANNED,
    ("DEVICE_LIMIT", "scan"): Kind.LOGIN_DEVICE_REFUSED,
    ("RATE_LIMITED", "login"): Kind.LOGIN_RATE_LIMITED,
    ("RATE_LIMITED", ANY_BLUEPRINT): Kind.REQUEST_RATE_LIMITED,
    ("REQUEST_REPLAYED", ANY_BLUEPRINT): Kind.REQUEST_REPLAYED,
    ("REQUEST_SIGNATURE_INVALID", ANY_BLUEPRINT): Kind.REQUEST_SIGNATURE_INVALID,
    ("DATA_INVALID", ANY_BLUEPRINT): Kind.DECRYPT_FAILED,
    ("DATA_STALE", ANY_BLUEPRINT): Kind.DECRYPT_FAILED,
    ("SIGNATURE_MISMATCH", ANY_BLUEPRINT): Kind.DECRYPT_FAILED,
    ("SESSION_KEY_EXPIRED", ANY_BLUEPRINT): Kind.SESSION_KEY_STALE,
    ("WX_USER_BLOCKED", ANY_BLUEPRINT): Kind.WECHAT_USER_BLOCKED,
    ("WX_RATE_LIMITED", ANY_BLUEPRINT): Kind.WECHAT_RATE_LIMITED,
    ("WX_UNAVAILABLE", ANY_BLUEPRINT): Kind.WECHAT_UNAVAILABLE,
    ("WX_MISCONFIGURED", ANY_BLUEPRINT): Kind.WECHAT_MISCONFIGURED,
    ("CREDENTIALS_INVALID", ANY_BLUEPRINT): Kind.ADMIN_LOGIN_FAILED,
    ("CSRF_FAILED", ANY_BLUEPRINT): Kind.ADMIN_CSRF_FAILED,
}
"""The refusals that are events, by code and blueprint."""
TRIALS = frozenset(
    {"admin_apps.add_app", "admin_apps.set_secret", "console.add_app", "console.set_secret"}
)
"""Views that try at WeChat what an operator has typed: WeChat's refusal is theirs to read."""


def refusal_kind(code: str, endpoint: str) -> Kind | None:
    """Return the kind of a refusal, None if it is no event; `endpoint` is `blueprint.view`."""
    if code == "WX_MISCONFIGURED" and endpoint in TRIALS:
        return None
    blueprint = endpoint.partition(".")[0]
    return REFUSALS.get((code, blueprint)) or REFUSALS.get((code, ANY_BLUEPRINT))


def get_severity(kind: str) -> Severity:
    """Return the severity of a kind; a kind of a newer version, unknown here, is a warning."""
    known = Kind.__members__.values()
    return next((one.severity for one in known if one.value == kind), "warning")
