"""The error catalogue: every code a caller can meet, as data.

Replies are rendered in one place, `responses.py`; docs/errors.md is made from this table.
"""

from __future__ import annotations

from wxlogin.api_error import Action, ApiError, Entry

__all__ = ["Action", "ApiError", "Entry"]

INVALID_REQUEST = Entry(
    "INVALID_REQUEST", 400, "fix", "The request is wrong", "See `errors` for the field to mend."
)
APP_UNKNOWN = Entry(
    "APP_UNKNOWN",
    400,
    "fix",
    "The mini-program is not known here",
    "This appid is not registered, or it is disabled.",
)
CODE_INVALID = Entry(
    "CODE_INVALID",
    400,
    "relogin",
    "WeChat does not know the code",
    "The code is wrong, older than five minutes, or another mini-program's. Call wx.login again.",
)
CODE_USED = Entry(
    "CODE_USED",
    409,
    "relogin",
    "The code was used before",
    "A code is good once. Call wx.login again and send the code that it gives.",
)
TOKEN_MISSING = Entry(
    "TOKEN_MISSING",
    401,
    "relogin",
    "No token",
    "Send the token of a login as `Authorization: Bearer TOKEN`.",
)
TOKEN_INVALID = Entry(
    "TOKEN_INVALID", 401, "relogin", "The token is not ours", "Log in again to get a token."
)
SESSION_EXPIRED = Entry(
    "SESSION_EXPIRED",
    401,
    "relogin",
    "The session has expired",
    "It was idle too long, reached its greatest age, or is not known any more. Log in again.",
)
SESSION_REPLACED = Entry(
    "SESSION_REPLACED",
    401,
    "prompt",
    "The session was ended by a login elsewhere",
    "Tell the user, and log in again when they tap.",
)
SESSION_REVOKED = Entry(
    "SESSION_REVOKED",
    401,
    "prompt",
    "The session was ended",
    "It was signed out, here or from another device, or an operator ended it.",
)
DEVICE_LIMIT = Entry(
    "DEVICE_LIMIT",
    409,
    "prompt",
    "Too many devices",
    "The user is signed in on as many devices as are allowed; let them sign out on one first.",
)
SCAN_EXPIRED = Entry(
    "SCAN_EXPIRED",
    410,
    "prompt",
    "The scan is over",
    "It is unknown, used, or older than three minutes. Begin another when the user asks for it.",
)
SCAN_REFUSED = Entry(
    "SCAN_REFUSED",
    403,
    "prompt",
    "The scan was refused on the phone",
    "Nobody is signed in by it. Begin another when the user asks for it.",
)
EXTERNAL_ID_TAKEN = Entry(
    "EXTERNAL_ID_TAKEN",
    409,
    "fix",
    "The external id is taken",
    "Another user of this mini-program has this external id.",
)
USER_BANNED = Entry(
    "USER_BANNED",
    403,
    "contact",
    "The user is banned",
    "An operator banned this user, until the time in `until`; null means without an end.",
)
USER_RISKY = Entry(
    "USER_RISKY",
    403,
    "contact",
    "WeChat holds the user for risky",
    "WeChat's risk rank of this user is too high for a first login here. Nothing was stored; a "
    "later login is judged anew.",
)
SESSION_KEY_EXPIRED = Entry(
    "SESSION_KEY_EXPIRED",
    409,
    "relogin",
    "The session_key does not hold any more",
    "Call wx.login and POST /v1/session/key with its code, then send the same data once more; if "
    "that fails too, let the user press the button again.",
)
DATA_INVALID = Entry(
    "DATA_INVALID",
    422,
    "reauthorize",
    "The data is not this user's",
    "The encrypted data does not open, or is not what this call takes. Let the user press the "
    "button again.",
)
DATA_STALE = Entry(
    "DATA_STALE",
    422,
    "reauthorize",
    "The data is too old",
    "WeChat encrypted it too long ago. Let the user press the button again.",
)
CONTENT_REFUSED = Entry(
    "CONTENT_REFUSED",
    422,
    "prompt",
    "The text is refused",
    "WeChat's content check finds the nickname risky. Let the user write another one.",
)
REQUEST_UNSIGNED = Entry(
    "REQUEST_UNSIGNED",
    401,
    "fix",
    "The request is not signed",
    "Sign it with the login's `signing.key` and send all three headers: X-Wxlogin-Timestamp, "
    "X-Wxlogin-Nonce and X-Wxlogin-Signature.",
)
REQUEST_SIGNATURE_INVALID = Entry(
    "REQUEST_SIGNATURE_INVALID",
    401,
    "fix",
    "The request's signature does not hold",
    "A header is malformed, the key is not this token's, or what came is not what was signed: "
    "method, target, timestamp, nonce and body, byte for byte.",
)
REQUEST_EXPIRED = Entry(
    "REQUEST_EXPIRED",
    401,
    "retry",
    "The request's timestamp is too far from the server's time",
    "Take the time from `server_time`, sign again and send it at once.",
    0,
)
REQUEST_REPLAYED = Entry(
    "REQUEST_REPLAYED",
    409,
    "fix",
    "The nonce was used before",
    "Sign every request with a random nonce of its own, also one that is sent a second time.",
)
SIGNATURE_MISMATCH = Entry(
    "SIGNATURE_MISMATCH",
    422,
    "reauthorize",
    "The signature is not rawData's",
    "Send rawData byte for byte as WeChat gave it, with the signature that came with it.",
)
RATE_LIMITED = Entry(
    "RATE_LIMITED",
    429,
    "retry",
    "Too many requests",
    "Try again after `Retry-After` seconds.",
    60,
)
WX_RATE_LIMITED = Entry(
    "WX_RATE_LIMITED",
    429,
    "retry",
    "WeChat limits the calls",
    "WeChat's quota for this minute or day is used up. Try again after `Retry-After` seconds.",
    60,
)
WX_USER_BLOCKED = Entry(
    "WX_USER_BLOCKED",
    403,
    "contact",
    "WeChat blocks this user",
    "WeChat holds the user for risky and refuses the login.",
)
WX_UNAVAILABLE = Entry(
    "WX_UNAVAILABLE",
    503,
    "retry",
    "WeChat does not answer",
    "WeChat could not be asked. Try again after `Retry-After` seconds; after a login that means "
    "a new wx.login.",
    2,
)
WX_MISCONFIGURED = Entry(
    "WX_MISCONFIGURED",
    502,
    "contact",
    "WeChat refuses this server",
    "The mini-program's settings at WeChat and here do not agree. Its operators must mend that.",
)
STORE_UNAVAILABLE = Entry(
    "STORE_UNAVAILABLE",
    503,
    "retry",
    "A store is out",
    "Redis or the database does not answer. Sessions are kept; try again after `Retry-After`.",
    1,
)
HTTPS_REQUIRED = Entry(
    "HTTPS_REQUIRED",
    403,
    "fix",
    "HTTPS is required",
    "Send the request over https://. Where it was, the proxy in front must say so in "
    "X-Forwarded-Proto.",
)
CREDENTIALS_INVALID = Entry(
    "CREDENTIALS_INVALID",
    401,
    "fix",
    "The sign-in is refused",
    "The name, the password or the one-time code is wrong.",
)
CSRF_FAILED = Entry(
    "CSRF_FAILED",
    403,
    "fix",
    "The CSRF token is missing or wrong",
    "Send the `csrf_token` of the sign-in, or of GET /admin/api/me, in X-CSRF-Token.",
)
FORBIDDEN = Entry(
    "FORBIDDEN",
    403,
    "fix",
    "Not allowed",
    "Your role, or this token's scopes, do not allow this.",
)
NOT_FOUND = Entry("NOT_FOUND", 404, "fix", "Not found", "There is nothing at this address.")
METHOD_NOT_ALLOWED = Entry(
    "METHOD_NOT_ALLOWED",
    405,
    "fix",
    "Method not allowed",
    "This address takes the methods in `Allow`.",
)
PAYLOAD_TOO_LARGE = Entry(
    "PAYLOAD_TOO_LARGE", 413, "fix", "The body is too large", "Send a body of 256 KiB at most."
)
UNSUPPORTED_MEDIA_TYPE = Entry(
    "UNSUPPORTED_MEDIA_TYPE",
    415,
    "fix",
    "The body is of another type",
    "Send the body as `Content-Type: application/json`.",
)
INTERNAL = Entry(
    "INTERNAL",
    500,
    "contact",
    "Something failed here",
    "It is logged under `request_id`; tell that to the operators.",
)

CATALOGUE: dict[str, Entry] = {
    entry.code: entry for entry in list(globals().values()) if isinstance(entry, Entry)
}
