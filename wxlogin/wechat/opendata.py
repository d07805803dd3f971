"""Open data: what WeChat encrypts or signs for a mini-program's page under the user's session_key.

The forms are those of WeChat's signature page (framework/open-ability/signature). AES-CBC keeps
no integrity and the page sends the iv, so what `decrypt` opens is believed only after `check`.
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
from typing import Any

from Crypto.Cipher import AES
from Crypto.Util.Padding import unpad

from wxlogin.strict_json import each_once

BLOCK = 16
MAX_TEXT = 65_536
MAX_NESTING = 16
MAX_UNIONID = 128
CLOCK_SKEW = 300
"""Seconds by which WeChat's clock may be ahead of ours."""

PHONE = frozenset({"phoneNumber", "purePhoneNumber", "countryCode"})
"""The names in a phone number's data (getPhoneNumber page); more may come."""

PROFILE = frozenset({"nickName", "avatarUrl"})
"""The names that every profile has; getUserProfile leaves openId and unionId out."""

KINDS = (
    PROFILE,
    PHONE,
    frozenset({"openGId"}),  # getShareInfo page
    frozenset({"opengid"}),  # getGroupEnterInfo page
    frozenset({"stepInfoList"}),  # getWeRunData page
)
"""What marks each kind of open data; one that is not named here is refused."""

IDENTITIES = frozenset({"openId", "unionId", "watermark"})
IDENTITY_TAIL = 16


class DataUnreadable(Exception):
    """Data that is not this user's open data, whatever the reason: it says nothing more."""


class DataTooOld(Exception):
    """Data in order but for its watermark, which is older than allowed."""


@dataclass(frozen=True)
class Owner:
    """The app and the user whose data it has to be."""

    appid: str
    openid: str = field(repr=False)


def decrypt(session_key: str, encrypted_data: str, iv: str) -> dict[str, Any]:
    """Open encryptedData: AES-128-CBC, PKCS#7, a JSON object in UTF-8; all three texts are base64.

    Raises DataUnreadable for anything else, a wrong key included, and no other exception.
    """
    data = None
    with suppress(ValueError, RecursionError):
        clear = _deciphered(_decoded(session_key), _decoded(encrypted_data), _decoded(iv))
        data = _json_object(clear)
    # Raised out here, so that no context tells bad padding from bad JSON.
    if data is None:
        raise DataUnreadable
    return data


def check(
    data: dict[str, Any], owner: Owner, required: frozenset[str], *, now: float, max_age: float
) -> dict[str, Any]:
    """Judge decrypted data by its watermark, its openid and the names that its kind needs.

    Gives back what may leave: all but openid, unionid and watermark.

    `now` is in Unix seconds, `max_age` in seconds; a watermark up to CLOCK_SKEW ahead is accepted.
    Raises DataTooOld where age alone is wrong, and DataUnreadable for any other fault.
    """
    timestamp = _timestamp(data.get("watermark"), owner.appid)
    unionid = _unionid(data)
    ours = _same(data.get("openId", owner.openid), owner.openid)
    # The timestamp itself is never reckoned with: it may be too large to become a float.
    if not ours or not required <= data.keys() or timestamp > now + CLOCK_SKEW:
        raise DataUnreadable
    if timestamp < now - max_age:
        raise DataTooOld
    return _without_identities(data, [owner.openid, unionid])


def kind_of(data: dict[str, Any]) -> frozenset[str]:
    """The names that mark the data's kind; DataUnreadable where it is of none that is known.

    An altered iv can rename the first entry and nothing else, so the names are what to hold on to.
    """
    for names in KINDS:
        if names <= data.keys():
            return names
    raise DataUnreadable


def is_ours(told: dict[str, Any], appid: str) -> bool:
    """Whether what WeChat itself told carries this app's watermark."""
    watermark = told.get("watermark")
    return isinstance(watermark, dict) and watermark.get("appid") == appid


def raw_signature_holds(raw_data: str, session_key: str, signature: str) -> bool:
    """Whether signature is the lower-case hex SHA-1 of rawData, as received, and session_key."""
    # SHA-1 is WeChat's choice. It cannot be extended past the key, which stands at the end.
    signed = _utf8(raw_data + session_key)
    digest = hashlib.sha1(signed)  # noqa: S324  # nosec B324
    return _same(signature, digest.hexdigest())


def session_signature(session_key: str, message: bytes = b"") -> str:
    """Prove a session_key to WeChat: lower-case hex HMAC-SHA256 over the raw body, none for GET.

    The key is the base64 text itself, undecoded (http-signature page).
    """
    return hmac.digest(session_key.encode(), message, "sha256").hex()


def fault_of_encrypted_data(text: str) -> str | None:
    """What is wrong with the form of an encryptedData field, in words; None if nothing is."""
    if fault := _fault_of_base64(text):
        return fault
    if len(_decoded(text)) % BLOCK:
        return "should be base64 of whole blocks of 16 bytes; a part of it is missing"
    return None


def fault_of_iv(text: str) -> str | None:
    """What is wrong with the form of an iv field, in words; None if nothing is."""
    if fault := _fault_of_base64(text):
        return fault
    if len(_decoded(text)) != BLOCK:
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
        _decoded(text)
    except ValueError:
        return "is cut short or wrongly padded base64: = fills it up to a multiple of 4 characters"
    return None


def _decoded(text: str) -> bytes:
    """The bytes of base64 in its one canonical form; ValueError for any other text."""
    if len(text) > MAX_TEXT:
        raise ValueError("base64 is too long")
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("base64 has stray bits at its end")
    return decoded


def _deciphered(key: bytes, data: bytes, iv: bytes) -> bytes:
    # Longer keys would pass as AES-192 or AES-256; the library refuses all other lengths.
    if len(key) != BLOCK:
        raise ValueError("AES-128 takes a key of 16 bytes")
    return unpad(AES.new(key, AES.MODE_CBC, iv=iv).decrypt(data), BLOCK, style="pkcs7")


def _json_object(clear: bytes) -> dict[str, Any]:
    data = json.loads(clear.decode(), object_pairs_hook=each_once)
    if not isinstance(data, dict) or not _nests_within(data, MAX_NESTING):
        raise ValueError("not an object, or nested too deeply")
    # NaN, infinite numbers and lone surrogates parse, but could not be sent on.
    json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    return data


def _nests_within(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_nests_within(each, levels - 1) for each in inner)


def _timestamp(watermark: Any, appid: str) -> int:
    """The time, in seconds, of a watermark of this app."""
    if not isinstance(watermark, dict) or watermark.get("appid") != appid:
        raise DataUnreadable
    timestamp = watermark.get("timestamp")
    if not isinstance(timestamp, int) or isinstance(timestamp, bool):
        raise DataUnreadable
    return timestamp


def _unionid(data: dict[str, Any]) -> str | None:
    """The unionid, which only an app bound to an Open Platform account gives."""
    unionid = data.get("unionId") or None
    if unionid is None:
        return None
    if not isinstance(unionid, str) or len(unionid) > MAX_UNIONID:
        raise DataUnreadable
    return unionid


def _without_identities(data: dict[str, Any], identities: Iterable[str | None]) -> dict[str, Any]:
    """The entries that may leave: none in whose name or value an identity stands.

    An altered iv can rename `openId` and change the first five characters of its value, but not
    more than the first block; so an identity is known by its tail.
    """
    tails = [identity[-IDENTITY_TAIL:] for identity in identities if identity]
    return {
        name: value
        for name, value in data.items()
        if name not in IDENTITIES
        and not any(tail in json.dumps({name: value}, ensure_ascii=False) for tail in tails)
    }


def _same(given: Any, expected: str) -> bool:
    """Compare in constant time; what is not text is not the same."""
    return isinstance(given, str) and hmac.compare_digest(_utf8(given), _utf8(expected))


def _utf8(text: str) -> bytes:
    """Any text as bytes; a lone surrogate, which WeChat never signs, does not raise."""
    return text.encode("utf-8", "surrogatepass")
