"""What a row of an import may say of a user."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wxlogin.accounts.import_rows import Rejected, parse_row
from wxlogin.accounts.phone_numbers import parse_phone, written_phone

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPENID = "oAbc0123456789example-alice1"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"openid": ""}, "openid is missing"),
    ({"openid": None}, "openid is missing"),
    ({"openid": "o bc"}, "openid should be 1 to 128"),
    ({"openid": ["o"]}, "openid should be text"),
    ({"openid": True}, "openid should be text"),
    ({"openid": "o" * 129}, "openid should be 1 to 128"),
    ({"unionid": "用户"}, "unionid should be 1 to 128"),
    ({"phone": "12345"}, "phone should be a number"),
    ({"phone": "01012345678"}, "phone should be a number"),
    ({"phone": "+86 010 1234 5678"}, "phone should be a number"),
    ({"external_id": "u" * 65}, "external_id should be 1 to 64"),
    ({"external_id": "a\nb"}, "external_id should be 1 to 64"),
    ({"external_id": OPENID}, "external_id is the openid or unionid"),
    ({"unionid": "oU", "external_id": "oU"}, "external_id is the openid or unionid"),
    ({"nickname": "a\u202eb"}, "nickname should be"),
    ({"nickname": "a" * 65}, "nickname should be"),
    ({"nickname": "Andr\udce9"}, "nickname should be text in UTF-8"),
    ({"avatar_url": "javascript:alert(1)"}, "avatar_url should be"),
    ({"created_at": "yesterday"}, "created_at should be a time"),
    ({"created_at": "2026-02-01"}, "created_at should be after 2010 and not in the future"),
    ({"created_at": "1999-01-01"}, "created_at should be after 2010 and not in the future"),
    ({"nick": "a"}, "a field is unknown"),
]


@pytest.mark.parametrize(("fields", "reason"), WRONG)
def test_a_wrong_field_is_named_and_not_repeated(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as rejected:
        parse_row({"openid": OPENID, **fields}, NOW)
    assert str(rejected.value).startswith(reason)
    assert OPENID not in str(rejected.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01T09:30:00+08:00", "2024-03-01T01:30:00Z"),
        ("2024-03-01T01:30:00Z", "2024-03-01T01:30:00Z"),
        ("2024-03-01 09:30:00", "2024-03-01T01:30:00Z"),
        ("2024-03-01", "2024-02-29T16:00:00Z"),
        ("1709256600", "2024-03-01T01:30:00Z"),
        (1709256600, "2024-03-01T01:30:00Z"),
    ],
)
def test_a_time_is_chinas_if_it_names_no_zone(written: object, meant: str) -> None:
    at = parse_row({"openid": OPENID, "created_at": written}, NOW).created_at
    assert f"{at:%Y-%m-%dT%H:%M:%SZ}" == meant


@pytest.mark.parametrize(
    ("typed", "code", "pure", "again"),
    [
        ("13800138000", "86", "13800138000", "13800138000"),
        ("+86 138-0013-8000", "86", "13800138000", "13800138000"),
        ("008613800138000", "86", "13800138000", "13800138000"),
        ("+85261234567", "852", "61234567", "+85261234567"),
        ("+12025550123", "1", "2025550123", "+12025550123"),
        ("+447700900123", "44", "7700900123", "+447700900123"),
    ],
)
def test_a_number_is_taken_apart_and_written_again(
    typed: str, code: str, pure: str, again: str
) -> None:
    phone = parse_phone(typed)
    assert phone is not None
    assert (phone["countryCode"], phone["purePhoneNumber"]) == (code, pure)
    assert written_phone(phone) == again


def test_blank_fields_say_nothing() -> None:
    row = parse_row(
        {"openid": f" {OPENID} ", "phone": " ", "external_id": None, "reason": "x"}, NOW
    )
    assert row == (OPENID, None, None, None, None, None)
