"""The sealed values of a user's row, and their blind indexes: bound to what, for which purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, literal

from wxlogin.models import User
from wxlogin.vault import Indexed

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


def under_row_key(digests: Sequence[Indexed]) -> ColumnElement[str]:
    """Return, of a value's digests, the one under the index key of the row that is updated."""
    by_key = [(User.index_key == one.key_id, literal(one.digest)) for one in digests]
    return case(*by_key, else_=digests[0].digest)


def aad(column: str, public_id: str) -> str:
    """Return the additional authenticated data that binds a sealed value to column and user."""
    return f"user.{column}:{public_id}"
