"""The rows of an import: what a line of a file says of a user, or why it cannot be taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from wxlogin.accounts.external_ids import FORM as EXTERNAL_ID
from wxlogin.accounts.phone_numbers import parse_phone
from wxlogin.visible_text import is_line

FIELDS = ("openid", "unionid", "phone", "external_id", "nickname", "avatar_url", "created_at")
REASON = "reason"
"""The column that rejected rows have beside these; it is passed over when they come again."""
WECHAT_ID = re.compile(r"[\x21-\x7e]{1,128}")
URL = re.compile(r"https?://[\x21-\x7e]{1,1015}")
UNIX_SECONDS = re.compile(r"[0-9]{9,10}")
MAX_NICKNAME = 64
CHINA = timezone(timedelta(hours=8))
"""The zone of a time that names none."""
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)


class Rejected(ValueError):
    """A row that cannot be taken; its text is the reason and repeats nothing of the row."""


class ImportRow(NamedTuple):
    """A user as the team's own system knows them."""

    openid: str
    unionid: str | None
    phone: dict[str, str] | None
    external_id: str | None
    profile: dict[str, str] | None
    created_at: datetime | None


def parse_row(fields: Mapping[str, object], now: datetime) -> ImportRow:
    """Return the user of a row's fields; Rejected with the reason if one of them is wrong."""
    unknown = [name for name in fields if name not in (*FIELDS, REASON)]
    if unknown:
        raise Rejected("a field is unknown; the fields are " + ", ".join(FIELDS))
    texts = {name: _text(name, fields.get(name)) for name in FIELDS}
    openid = _formed("openid", texts["openid"], WECHAT_ID, "1 to 128 visible ASCII characters")
    unionid = _formed("unionid", texts["unionid"], WECHAT_ID, "1 to 128 visible ASCII characters")
    if openid is None:
        raise Rejected("openid is missing")
    external_id = texts["external_id"]
    _formed("external_id", external_id, EXTERNAL_ID, "1 to 64 visible ASCII characters")
    if external_id and external_id in (openid, unionid):
        raise Rejected("external_id is the openid or unionid, which no header or webhook may hold")
    return ImportRow(
        openid=openid,
        unionid=unionid,
        phone=_phone(texts["phone"]),
        external_id=external_id,
        profile=_profile(texts["nickname"], texts["avatar_url"]),
        created_at=_moment(texts["created_at"], now),
    )


def _text(name: str, value: object) -> str | None:
    """Return a field as text, None if it is empty or absent."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:  # bytes that are no UTF-8
            raise Rejected(f"{name} should be text in UTF-8") from None
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Rejected(f"{name} should be text")


def _formed(name: str, value: str | None, form: re.Pattern[str], what: str) -> str | None:
    if value is not None and not form.fullmatch(value):
        raise Rejected(f"{name} should be {what}, without spaces")
    return value


def _phone(value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    phone = parse_phone(value)
    if phone is None:
        raise Rejected("phone should be a number such as 13800138000 or +85261234567")
    return phone


def _profile(nickname: str | None, avatar_url: str | None) -> dict[str, str] | None:
    """Return the profile in the form in which WeChat gives it."""
    if nickname is not None and not is_line(nickname, MAX_NICKNAME):
        raise Rejected(f"nickname should be 1 to {MAX_NICKNAME} characters that can be seen")
    if avatar_url is not None and not URL.fullmatch(avatar_url):
        raise Rejected("avatar_url should be an address that begins with https:// or http://")
    profile = {"nickName": nickname, "avatarUrl": avatar_url}
    return {name: value for name, value in profile.items() if value} or None


def _moment(value: str | None, now: datetime) -> datetime | None:
    """Return a time: ISO 8601, of China if it names no zone, or Unix seconds."""
    if value is None:
        return None
    try:
        if UNIX_SECONDS.fullmatch(value):
            at = datetime.fromtimestamp(int(value), UTC)
        else:
            at = datetime.fromisoformat(value)
            at = (at if at.tzinfo else at.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected(
            "created_at should be a time such as 2024-01-31T12:00:00+08:00, or Unix seconds"
        ) from None
    if not EARLIEST <= at <= now + timedelta(days=1):
        raise Rejected("created_at should be after 2010 and not in the future")
    return at.replace(microsecond=0)
