"""Security events: what each kind says, how grave it is, and whom a flood of it folds by.

A kind is named `subject.action`. Of people an event holds the public id alone. Addresses are given
as they came; the recorder writes them as WXLOGIN_EVENT_IP says.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Severity = Literal["info", "warning", "alarm"]
By = Literal["user", "address", "app"]


class Kind(StrEnum):
    """Every kind of event: its name, its severity, and whom it is about where that is known."""

    severity: Severity
    by: By

    def __new__(cls, name: str, severity: Severity, by: By) -> Kind:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.severity = severity
        kind.by = by
        return kind

    LOGIN_SUCCEEDED = "login.succeeded", "info", "user"
    LOGIN_REGION_UNUSUAL = "login.region_unusual", "warning", "user"
    LOGIN_TRAVEL_TOO_FAST = "login.travel_too_fast", "warning", "user"
    LOGIN_RATE_LIMITED = "login.rate_limited", "warning", "user"
    LOGIN_BANNED = "login.banned", "warning", "user"
    LOGIN_DEVICE_REFUSED = "login.device_refused", "info", "user"
    CODE_INVALID = "code.invalid", "info", "address"
    CODE_REUSED = "code.reused", "info", "address"
    TOKEN_FORGED = "token.forged", "warning", "address"
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
    ADMIN_LOGIN_FAILED = "admin.login_failed", "warning", "address"
    ADMIN_CSRF_FAILED = "admin.csrf_failed", "warning", "address"
    SECRET_LEAK_BLOCKED = "secret.leak_blocked", "alarm", "app"
    WATCH_OVERFLOW = "watch.overflow", "alarm", "app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What any event may say: the user's public id, the address as it came, the appid."""

    kind: Kind
    user: str = ""
    address: str = ""
    app: str = ""
    request_id: str = ""

    def detail(self) -> dict[str, str | int]:
        """The fields that have no column of their own, less the empty ones."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: own[name] for name in own if name not in COLUMNS and own[name]}


COLUMNS = frozenset({"kind", "user", "address", "request_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A login that got its session."""

    kind: Literal[Kind.LOGIN_SUCCEEDED] = Kind.LOGIN_SUCCEEDED
    platform: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A login from somewhere odd: where it came from, where the one before did, how far apart."""

    kind: Literal[Kind.LOGIN_REGION_UNUSUAL, Kind.LOGIN_TRAVEL_TOO_FAST]
    region: str
    before: str = ""
    kilometres: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """A refusal: its code in the catalogue, and the endpoint where it was given."""

    code: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakBlocked(Event):
    """An answer that held a secret of ours was stopped: what kind of secret, at which endpoint."""

    kind: Literal[Kind.SECRET_LEAK_BLOCKED] = Kind.SECRET_LEAK_BLOCKED
    secret: str
    endpoint: str = ""


ANYWHERE = ""
REFUSALS: dict[tuple[str, str], Kind] = {
    ("TOKEN_INVALID", ANYWHERE): Kind.TOKEN_FORGED,
    ("CODE_INVALID", ANYWHERE): Kind.CODE_INVALID,
    ("CODE_USED", ANYWHERE): Kind.CODE_REUSED,
    ("USER_BANNED", "login"): Kind.LOGIN_BANNED,
    ("DEVICE_LIMIT", "login"): Kind.LOGIN_DEVICE_REFUSED,
    ("RATE_LIMITED", "login"): Kind.LOGIN_RATE_LIMITED,
    ("RATE_LIMITED", ANYWHERE): Kind.REQUEST_RATE_LIMITED,
    ("REQUEST_REPLAYED", ANYWHERE): Kind.REQUEST_REPLAYED,
    ("REQUEST_SIGNATURE_INVALID", ANYWHERE): Kind.REQUEST_SIGNATURE_INVALID,
    ("DATA_INVALID", ANYWHERE): Kind.DECRYPT_FAILED,
    ("DATA_STALE", ANYWHERE): Kind.DECRYPT_FAILED,
    ("SIGNATURE_MISMATCH", ANYWHERE): Kind.DECRYPT_FAILED,
    ("SESSION_KEY_EXPIRED", ANYWHERE): Kind.SESSION_KEY_STALE,
    ("WX_USER_BLOCKED", ANYWHERE): Kind.WECHAT_USER_BLOCKED,
    ("WX_RATE_LIMITED", ANYWHERE): Kind.WECHAT_RATE_LIMITED,
    ("WX_UNAVAILABLE", ANYWHERE): Kind.WECHAT_UNAVAILABLE,
    ("WX_MISCONFIGURED", ANYWHERE): Kind.WECHAT_MISCONFIGURED,
    ("CREDENTIALS_INVALID", ANYWHERE): Kind.ADMIN_LOGIN_FAILED,
    ("CSRF_FAILED", ANYWHERE): Kind.ADMIN_CSRF_FAILED,
}
"""Which refusals are events: by code and by the blueprint that refused."""


def refusal(code: str, endpoint: str) -> Kind | None:
    """The kind of event that a refusal is, if it is one; `endpoint` is `blueprint.view`."""
    group = endpoint.partition(".")[0]
    return REFUSALS.get((code, group)) or REFUSALS.get((code, ANYWHERE))


def severity_of(kind: str) -> Severity:
    """How grave a kind is; one that this program does not know, of a newer one, is a warning."""
    known = Kind.__members__.values()
    return next((one.severity for one in known if one.value == kind), "warning")
