"""The blind indexes of a user's row: of which sealed value, and under which purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wxlogin.models import User

UNIONID = "unionid"
PHONE = "phone"
"""The purposes of what is one value in all mini-programs."""


def openid_purpose(appid: str) -> str:
    """Return the purpose of an openid: each mini-program has openids of its own."""
    return f"openid:{appid}"


@dataclass(frozen=True)
class IndexedValue:
    """A blind index: its column, the column of the sealed value, and what of it is indexed.

    `purpose` gets the appid, `value` the opened text.
    """

    index: str
    sealed: str
    purpose: Callable[[str], str]
    value: Callable[[str], str]


INDEXES = (
    IndexedValue(
        User.openid_index.key,
        User.openid_sealed.key,
        openid_purpose,
        lambda openid: openid,
    ),
    IndexedValue(
        User.unionid_index.key,
        User.unionid_sealed.key,
        lambda _: UNIONID,
        lambda unionid: unionid,
    ),
    IndexedValue(
        User.phone_index.key,
        User.phone_sealed.key,
        lambda _: PHONE,
        lambda text: indexed_phone(json.loads(text)),
    ),
)
"""All of them stand under the key that the row's `index_key` names."""


def indexed_phone(phone: Mapping[str, str]) -> str:
    """Return the form of a phone number that is indexed."""
    return f"+{phone['countryCode']}{phone['purePhoneNumber']}"
