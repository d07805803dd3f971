"""Open data: what WeChat encrypts or signs for a mini-program under the user's session_key.

The formats are those of WeChat's signature page (framework/open-ability/signature). AES-CBC has no
integrity protection and the client sends the iv, so decrypted data is trusted only after `check`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad

from wxlogin.strict_json import reject_duplicate_names

BLOCK = 16
MAX_TEXT = 65_536
MAX_NESTING = 16
MAX_UNIONID = 128
CLOCK_SKEW = 300
"""Seconds by which WeChat's clock may be ahead of ours."""

OpenData = dict[str, object]
"""The JSON object of decrypted data."""

PHONE = frozenset({"phoneNumber", "purePhoneNumber", "countryCode"})
"""The names in a phone number's data (getPhoneNumber page); there may be more."""

PROFILE = frozenset({"nickName", "avatarUrl"})
"""The names in every profile; getUserProfile omits openId and unionId."""

KINDS = (
    PROFILE,
    PHONE,
    frozenset({"openGId"}),  # getShareInfo page
    frozenset({"opengid"}),  # getGroupEnterInfo page
    frozenset({"group_openid"}),  # the same, of a chat without opengid
    frozenset({"open_single_roomid"}),  # the same, of a chat of two
    frozenset({"activityId"}),  # authPrivateMessage page
    frozenset({"stepInfoList"}),  # getWeRunData page
)
"""The names that identify each kind of open data; any other kind is refused."""

IDENTITIES = frozenset({"openId", "unionId", "watermark"})
IDENTITY_TAIL = 16


class DataUnreadable(Exception):
    """Data that is not this user's open data. The reason is never revealed."""


class DataTooOld(Exception):
    """Valid data whose watermark is older than allowed."""


@dataclass(frozen=True)
class Owner:
    """The app and the user that the data must belong to."""

    appid: str
    openid: str = field(repr=False)


def decrypt(session_key: str, encrypted_data: str, iv: str) -> OpenData:
    """Decrypt encryptedData: AES-128-CBC, PKCS#7, a JSON object in UTF-8. All three are base64.

    Raises DataUnreadable for anything else, including a wrong key, and no other exception.
    """
    data = None
    with suppress(ValueError, RecursionError):
        plaintext = _decrypt(_decode(session_key), _decode(encrypted_data), _decode(iv))
        data = _parse(plaintext)
    # Raised outside the handler, so that no context distinguishes bad padding from bad JSON.
    if data is None:
        raise DataUnreadable
    return data


def check(
    data: OpenData, owner: Owner, required: frozenset[str], *, now: float, max_age: float
) -> OpenData:
    """Check the watermark and openid of decrypted data, and the names that its kind requires.

    Return what may be sent to clients: everything but openid, unionid and watermark.

    `now` is in Unix seconds, `max_age` in seconds; a watermark up to CLOCK_SKEW ahead is accepted.
    Raises DataTooOld if only the age is wrong, and DataUnreadable for any other fault.
    """
    timestamp = _timestamp(data.get("watermark"), owner.appid)
    unionid = _unionid(data)
    ours = _same(data.get("openId", owner.openid), owner.openid)
    # No arithmetic with the timestamp itself: it may be too large for a float.
    if not ours or not required <= data.keys() or timestamp > now + CLOCK_SKEW:
        raise DataUnreadable
    if timestamp < now - max_age:
        raise DataTooOld
    return _without_identities(data, [owner.openid, unionid])


def kind_of(data: OpenData) -> frozenset[str]:
    """Return the names that identify the data's kind; DataUnreadable for an unknown kind.

    An altered iv can rename only the first entry, so the names are reliable.
    """
    for names in KINDS:
        if names <= data.keys():
            return names
    raise DataUnreadable


def unionid_of(data: OpenData) -> str | None:
    """Return the unionid of decrypted data that `check` accepted, if it has one."""
    return _unionid(data)


def is_ours(data: OpenData, appid: str) -> bool:
    """Return whether data that WeChat itself sent has this app's watermark."""
    watermark = data.get("watermark")
    return isinstance(watermark, dict) and watermark.get("appid") == appid


def raw_signature_holds(raw_data: str, session_key: str, signature: str) -> bool:
    """Return whether signature is the lower-case hex SHA-1 of rawData + session_key."""
    # SHA-1 is WeChat's choice. No length extension is possible, because the key is at the end.
    signed = _utf8(raw_data + session_key)
    digest = hashlib.sha1(signed)  # noqa: S324
    return _same(signature, digest.hexdigest())


def session_signature(session_key: str, message: bytes = b"") -> str:
    """Return the lower-case hex HMAC-SHA256 of a raw body, which proves the session_key to WeChat.

    A GET has an empty body. The key is the base64 text itself, not decoded (http-signature page).
    """
    return hmac.digest(session_key.encode(), message, "sha256").hex()


def fault_of_encrypted_data(text: str) -> str | None:
    """Return what is wrong with the format of an encryptedData field, in words, or None."""
    if fault := _fault_of_base64(text):
        return fault
    if len(_decode(text)) % BLOCK:
        return "should be base64 of whole blocks of 16 bytes; a part of it is missing"
    return None


def fault_of_iv(text: str) -> str | None:
    """Return what is wrong with the format of an iv field, in words, or None."""
    if fault := _fault_of_base64(text):
        return fault
    if len(_decode(text)) != BLOCK:
        return "should be base64 of 16 bytes: 24 characters"
    return None


def _fault_of_base64(text: str) -> str | None:
    if not text:
        return "is empty"
    if len(text) > MAX_TEXT:
        return "is over 64 KiB"
    if " " in text:
        return (
            "holds a space where a + was lost on the way, as URL-decoding does; "
            "send the value unchanged in the JSON body"
        )
    if not re.fullmatch("[A-Za-z0-9+/=]+", text):
        return "holds characters that are not base64: A-Z a-z 0-9 + / and = at the end alone"
    try:
        _decode(text)
    except ValueError:
        return "is cut short or wrongly padded base64: = fills it up to a multiple of 4 characters"
    return None


def _decode(text: str) -> bytes:
    """Decode base64 in its canonical form; ValueError for any other text."""
    if len(text) > MAX_TEXT:
        raise ValueError("base64 is too long")
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("base64 has stray bits at its end")
    return decoded


def _decrypt(key: bytes, data: bytes, iv: bytes) -> bytes:
    # Longer keys would work as AES-192 or AES-256; the library refuses all other lengths.
    if len(key) != BLOCK:
        raise ValueError("AES-128 takes a key of 16 bytes")
    return unpad(AES.new(key, AES.MODE_CBC, iv=iv).decrypt(data), BLOCK, style="pkcs7")


def _parse(plaintext: bytes) -> OpenData:
    # WeChat writes control characters, as in a nickname, into the JSON as they are.
    data: object = json.loads(
        plaintext.decode(), object_pairs_hook=reject_duplicate_names, strict=False
    )
    if not isinstance(data, dict) or not _nests_within(data, MAX_NESTING):
        raise ValueError("not an object, or nested too deeply")
    # NaN, infinite numbers and lone surrogates can be parsed, but not be sent to clients.
    json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    return data


def _nests_within(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_nests_within(each, levels - 1) for each in inner)


def _timestamp(watermark: object, appid: str) -> int:
    """Return the time of a watermark of this app, in Unix seconds."""
    if not isinstance(watermark, dict) or watermark.get("appid") != appid:
        raise DataUnreadable
    timestamp = watermark.get("timestamp")
    if not isinstance(timestamp, int) or isinstance(timestamp, bool):
        raise DataUnreadable
    return timestamp


def _unionid(data: OpenData) -> str | None:
    """Return the unionid, which only an app bound to an Open Platform account gets."""
    unionid = data.get("unionId") or None
    if unionid is None:
        return None
    if not isinstance(unionid, str) or len(unionid) > MAX_UNIONID:
        raise DataUnreadable
    return unionid


def _without_identities(data: OpenData, identities: Iterable[str | None]) -> OpenData:
    """Return the entries without an identity in their name or value.

    An altered iv can rename `openId` and change the first five characters of its value, but no more
    than the first block; so an identity is recognised by its end.
    """
    tails = [identity[-IDENTITY_TAIL:] for identity in identities if identity]
    return {
        name: value
        for name, value in data.items()
        if name not in IDENTITIES
        and not any(tail in json.dumps({name: value}, ensure_ascii=False) for tail in tails)
    }


def _same(given: object, expected: str) -> bool:
    """Compare in constant time; anything but text is different."""
    return isinstance(given, str) and hmac.compare_digest(_utf8(given), _utf8(expected))


def _utf8(text: str) -> bytes:
    """Encode any text; a lone surrogate, which WeChat never signs, does not raise."""
    return text.encode("utf-8", "surrogatepass")
