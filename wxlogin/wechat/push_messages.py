"""What WeChat pushes, as JSON or XML, and what of it names a user.

The events about a user's data are those of WeChat's authorized_user_information_changes page.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wxlogin.strict_json import reject_duplicate_names
from wxlogin.wechat.errors import PushRefused

MAX_NESTING = 16
REVOKED = "user_authorization_revoke"
MODIFIED = "user_info_modified"
CANCELLED = "user_authorization_cancellation"
PRIVACY = frozenset({REVOKED, MODIFIED, CANCELLED})
"""The events that oblige an app to delete what it holds of a user."""

PHONE, PROFILE = "phone", "profile"
REVOCABLE = {"6": PROFILE, "19": PROFILE, "20": PROFILE, "8": PHONE}
"""What RevokeInfo names and wxlogin stores: nickname and avatar, phone number."""
NOT_STORED = frozenset(["1", "2", "3", "4", "5", "7", "12", "13", "14", "15", "16", "18"])
"""What RevokeInfo names and wxlogin never sees: car plate, address, invoice, location, ..."""

IDS = frozenset({"fromusername", "openid", "openpid", "unionid"})
"""The fields that name a user, in small letters: WeChat spells them in several ways."""
OPENIDS = ("OpenID", "OpenId", "openid")
"""How messages spell the openid of the user whom they are about."""

COUNTS = frozenset({"RetryTimes"})
"""The fields in which the copies of one message differ."""
Fields = dict[str, object]


@dataclass(frozen=True)
class PushMessage:
    """A verified message; `encrypted` tells whether WeChat encrypted it, which proves its body."""

    fields: Fields
    encrypted: bool

    @property
    def event(self) -> str:
        """Return the name of the event; empty for a message of another type."""
        return self._text("Event")

    @property
    def openid(self) -> str:
        """Return the openid of the user that the message is about, or from; empty without one.

        A message about a user's data comes from the platform: its FromUserName is nobody's openid.
        """
        own = next(filter(None, map(self._text, OPENIDS)), "")
        return own or ("" if self.is_privacy else self._text("FromUserName"))

    @property
    def is_privacy(self) -> bool:
        """Return whether the message is about data that the user no longer shares."""
        return self.event in PRIVACY

    @property
    def identity(self) -> str:
        """Return a text that is the same for each copy that WeChat sends of a message."""
        told = {name: value for name, value in self.fields.items() if name not in COUNTS}
        return json.dumps(told, sort_keys=True)

    def revoked(self) -> frozenset[str]:
        """Return what RevokeInfo withdraws of what wxlogin stores: PHONE, PROFILE.

        Its list form is not documented, so that any separator is accepted. A code that is unknown,
        or none, withdraws both: too much is deleted rather than too little.
        """
        codes = self.revoke_codes
        known = [REVOCABLE.get(code, "") for code in codes if code in {*REVOCABLE, *NOT_STORED}]
        if not codes or len(known) < len(codes):
            return frozenset({PHONE, PROFILE})
        return frozenset(known) - {""}

    @property
    def revoke_codes(self) -> list[str]:
        """Return the codes of RevokeInfo."""
        return re.findall(r"\d+", str(self.fields.get("RevokeInfo", "")))

    def without_ids(self) -> Fields:
        """Return the fields without what WeChat knows the user by, wherever it stands."""
        own = set(_ids(self.fields)) - {""}
        cleared = _cleared(self.fields, own)
        assert isinstance(cleared, dict)
        return cleared

    def _text(self, name: str) -> str:
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""


def parse(raw: bytes) -> Fields:
    """Parse a message, JSON or XML by its first character; PushRefused for anything else.

    Names lose their outer spaces: WeChat's own samples have some.
    """
    try:
        fields = _from_xml(raw) if raw.lstrip()[:1] == b"<" else _from_json(raw)
    except (ValueError, RecursionError, ParseError, DefusedXmlException, LookupError):
        raise PushRefused from None
    return {name.strip(): value for name, value in fields.items()}


def _from_json(raw: bytes) -> Fields:
    fields = json.loads(raw, object_pairs_hook=reject_duplicate_names, strict=False)
    if not isinstance(fields, dict):
        raise PushRefused
    return fields


def _from_xml(raw: bytes) -> Fields:
    root = fromstring(raw, forbid_dtd=True)
    return {child.tag: _value(child, MAX_NESTING) for child in root}


def _value(element: Element, left: int) -> object:
    """Return an element's text, or its children by name; those of one name become a list."""
    if not left:
        raise PushRefused
    if not len(element):
        return element.text or ""
    members: Fields = {}
    for child in element:
        value, before = _value(child, left - 1), members.get(child.tag)
        if before is None:
            members[child.tag] = value
        else:
            members[child.tag] = [*(before if isinstance(before, list) else [before]), value]
    return members


def _ids(value: object) -> Iterator[str]:
    """Yield what names a user, at any depth, also in texts that are JSON themselves."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name.strip().lower() in IDS:
                yield str(member)
            yield from _ids(member)
    elif isinstance(value, list):
        for member in value:
            yield from _ids(member)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            yield from _ids(json.loads(value))


def _cleared(value: object, ids: set[str]) -> object:
    """Return a value without the fields that name a user, and with these ids out of every text."""
    if isinstance(value, str):
        return functools.reduce(lambda text, one: text.replace(one, ""), ids, value)
    if isinstance(value, dict):
        return {
            name: _cleared(member, ids)
            for name, member in value.items()
            if name.strip().lower() not in IDS
        }
    if isinstance(value, list):
        return [_cleared(member, ids) for member in value]
    return value
