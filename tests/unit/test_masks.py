"""What is left of personal data when it is masked."""

from __future__ import annotations

import pytest

from wxlogin.accounts.masks import masked_id, masked_phone, masked_profile, whole_phone


@pytest.mark.parametrize(
    ("country", "number", "masked", "whole"),
    [
        ("86", "13800138000", "138****8000", "13800138000"),
        ("1", "2015550123", "+1 201****0123", "+1 2015550123"),
        ("852", "21234567", "+852 ****67", "+852 21234567"),
        ("290", "8123", "+290 ****23", "+290 8123"),
    ],
)
def test_a_phone_number_keeps_its_ends(country: str, number: str, masked: str, whole: str) -> None:
    phone = {"countryCode": country, "purePhoneNumber": number, "phoneNumber": "+"}
    assert masked_phone(phone, narrow=False) == masked
    assert whole_phone(phone) == whole


def test_an_id_keeps_its_ends() -> None:
    assert masked_id("oABCdefghijklmnopqrstuvwxyz0") == "oABC…xyz0"


def test_a_profile_keeps_what_many_share() -> None:
    profile = {"nickName": "张三", "avatarUrl": "https://example.com/a", "city": "", "gender": 0}
    assert masked_profile(profile) == {"nickName": "张**", "gender": 0, "city": ""}
    assert masked_profile({}) == {"nickName": None}


def test_nothing_is_masked_where_there_is_nothing() -> None:
    assert [
        masked_id(None),
        masked_phone(None, narrow=False),
        whole_phone(None),
        masked_profile(None),
    ] == [None] * 4


def test_a_narrow_mask_keeps_the_prefix_and_two_digits_alone() -> None:
    for country, number, masked in (
        ("86", "13800138000", "138******00"),
        ("852", "21234567", "+852 ****67"),
    ):
        phone = {"countryCode": country, "purePhoneNumber": number, "phoneNumber": "+"}
        assert masked_phone(phone, narrow=True) == masked
