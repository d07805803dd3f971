"""What callers of the API get for each error that a service raises."""

from __future__ import annotations

from wxlogin import errors
from wxlogin.accounts import errors as accounts
from wxlogin.doctor.consulting import DoctorBusy
from wxlogin.errors import ApiError, Entry
from wxlogin.keyring import errors as keyring
from wxlogin.limits.errors import LimitReached, RateLimited
from wxlogin.limits.rate_limits import FailureLimit
from wxlogin.operators import errors as operators
from wxlogin.outbox import errors as outbox
from wxlogin.scan_store import errors as scans
from wxlogin.service_error import ServiceError
from wxlogin.sessions.errors import (
    AppDisabled,
    CodeUsed,
    DeviceLimitReached,
    NonceReplayed,
    SessionExpired,
    SessionReplaced,
    SessionRevoked,
    SigningKeyElsewhere,
    TokenInvalid,
    TokenMalformed,
    UserBanned,
    UserErased,
)
from wxlogin.watch.audit import Outcome
from wxlogin.watch.errors import AuditUnavailable
from wxlogin.wechat import errors as wechat

ENTRIES: dict[type[ServiceError], Entry] = {
    RateLimited: errors.RATE_LIMITED,
    LimitReached: errors.RATE_LIMITED,
    TokenInvalid: errors.TOKEN_INVALID,
    TokenMalformed: errors.TOKEN_INVALID,
    SigningKeyElsewhere: errors.STORE_UNAVAILABLE,
    SessionExpired: errors.SESSION_EXPIRED,
    SessionReplaced: errors.SESSION_REPLACED,
    SessionRevoked: errors.SESSION_REVOKED,
    UserBanned: errors.USER_BANNED,
    UserErased: errors.SESSION_EXPIRED,
    AppDisabled: errors.APP_UNKNOWN,
    DeviceLimitReached: errors.DEVICE_LIMIT,
    CodeUsed: errors.CODE_USED,
    NonceReplayed: errors.REQUEST_REPLAYED,
    scans.ScanExpired: errors.SCAN_EXPIRED,
    scans.ScanRefused: errors.SCAN_REFUSED,
    scans.ScanSecretWrong: errors.NOT_FOUND,
    wechat.CodeInvalid: errors.CODE_INVALID,
    wechat.CodeUsed: errors.CODE_USED,
    wechat.UserBlocked: errors.WX_USER_BLOCKED,
    wechat.QuotaExceeded: errors.WX_RATE_LIMITED,
    wechat.Misconfigured: errors.WX_MISCONFIGURED,
    wechat.Unavailable: errors.WX_UNAVAILABLE,
    wechat.ConnectionFailed: errors.WX_UNAVAILABLE,
    wechat.NotAttempted: errors.WX_UNAVAILABLE,
    wechat.PushRefused: errors.FORBIDDEN,
    wechat.PushInProgress: errors.STORE_UNAVAILABLE,
    accounts.AppUnknown: errors.APP_UNKNOWN,
    accounts.AppidRequired: errors.INVALID_REQUEST,
    accounts.AppExists: errors.INVALID_REQUEST,
    accounts.AppSecretUnreadable: errors.WX_MISCONFIGURED,
    accounts.UserNotFound: errors.NOT_FOUND,
    accounts.NotOnePerson: errors.INVALID_REQUEST,
    accounts.ExternalIdTaken: errors.EXTERNAL_ID_TAKEN,
    accounts.UserGone: errors.SESSION_EXPIRED,
    accounts.UserRisky: errors.USER_RISKY,
    accounts.SessionKeyExpired: errors.SESSION_KEY_EXPIRED,
    operators.NameInvalid: errors.INVALID_REQUEST,
    operators.NameTaken: errors.INVALID_REQUEST,
    operators.WeakPassword: errors.INVALID_REQUEST,
    operators.CredentialsInvalid: errors.CREDENTIALS_INVALID,
    operators.WrongCode: errors.CREDENTIALS_INVALID,
    operators.SecondFactorGuessed: errors.CREDENTIALS_INVALID,
    operators.SignInDelayed: errors.RATE_LIMITED,
    operators.PasskeyRefused: errors.CREDENTIALS_INVALID,
    operators.PasskeyNotFound: errors.NOT_FOUND,
    operators.TooManyPasskeys: errors.INVALID_REQUEST,
    operators.AdminNotFound: errors.NOT_FOUND,
    operators.InvitationInvalid: errors.CREDENTIALS_INVALID,
    operators.AlreadyAccepted: errors.INVALID_REQUEST,
    operators.LastOwner: errors.FORBIDDEN,
    operators.PasswordsBusy: errors.RATE_LIMITED,
    operators.AdminSessionExpired: errors.SESSION_EXPIRED,
    operators.ApiTokenInvalid: errors.TOKEN_INVALID,
    operators.ApiTokenMalformed: errors.TOKEN_INVALID,
    operators.ApiTokenOutOfBounds: errors.FORBIDDEN,
    operators.ApiTokenNotFound: errors.NOT_FOUND,
    DoctorBusy: errors.RATE_LIMITED,
    outbox.EndpointNotFound: errors.NOT_FOUND,
    outbox.DeliveryNotFound: errors.NOT_FOUND,
    outbox.EndpointUrlRefused: errors.INVALID_REQUEST,
    AuditUnavailable: errors.STORE_UNAVAILABLE,
    keyring.KeyRefused: errors.STORE_UNAVAILABLE,
    keyring.KeyUnknown: errors.INVALID_REQUEST,
    keyring.HostsDisagree: errors.INVALID_REQUEST,
    keyring.RotationRunning: errors.INVALID_REQUEST,
    keyring.RotationLost: errors.STORE_UNAVAILABLE,
}
"""Every error that is raised is a key; a test holds that."""

FAILURES: dict[type[ServiceError], FailureLimit] = {
    wechat.CodeInvalid: "fail_code",
    TokenInvalid: "fail_token",
    operators.ApiTokenInvalid: "fail_token",
    wechat.PushRefused: "fail_token",
}
"""The errors that count against an address, each with the counter; refusals by policy never do."""


def entry_of(error: ServiceError) -> Entry:
    """Return the catalogue's entry for an error."""
    return ENTRIES[type(error)]


def api_error(error: ServiceError) -> ApiError:
    """Return the refusal that the API's callers get for an error."""
    return ApiError(
        entry_of(error),
        error.detail,
        fields=error.fields,
        members=error.members,
        retry_after=error.retry_after,
    )


def outcome_of(fault: BaseException) -> tuple[Outcome, dict[str, str]]:
    """Return the outcome of an audited act that raised this, and the detail of its entry."""
    if isinstance(fault, ServiceError):
        fault = api_error(fault)
    if not isinstance(fault, ApiError):
        return "failed", {"fault": type(fault).__name__}
    return ("refused" if fault.entry.status < 500 else "failed"), {"code": fault.entry.code}
