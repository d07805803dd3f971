"""Masked personal data, as operators see it by default: enough to tell two users apart."""

from __future__ import annotations

from collections.abc import Mapping

from wxlogin.visible_text import has_hidden

SHOWN = ("gender", "country", "province", "city", "language")
"""The parts of a profile that are shown unmasked; the nickname is masked, the rest omitted."""


def masked_id(value: str | None) -> str | None:
    """Mask an openid or unionid: `oABC…wxyz`."""
    return f"{value[:4]}…{value[-4:]}" if value else None


def masked_phone(phone: Mapping[str, str] | None, *, narrow: bool) -> str | None:
    """Mask a phone number: `138****5678`, narrow `138******78`; a short one shows two digits.

    Only ten thousand numbers match the wide form: whoever may not see the whole number gets the
    narrow one, so that the number cannot be found by trying.
    """
    if phone is None:
        return None
    number = phone["purePhoneNumber"]
    masked = f"****{number[-2:]}"
    if len(number) > 9:
        masked = number[:3] + (f"******{number[-2:]}" if narrow else f"****{number[-4:]}")
    return _with_country(phone, masked)


def whole_phone(phone: Mapping[str, str] | None) -> str | None:
    """Return a phone number, with its country code unless that is China's."""
    return _with_country(phone, phone["purePhoneNumber"]) if phone else None


def masked_profile(profile: Mapping[str, object] | None) -> dict[str, object] | None:
    """Mask a profile: no picture, and only the first letter of the nickname."""
    if profile is None:
        return None
    return {
        "nickName": masked_nickname(profile),
        **{name: profile[name] for name in SHOWN if name in profile},
    }


def masked_nickname(profile: Mapping[str, object] | None) -> str | None:
    """Mask the nickname of a profile but for its first letter; None if there is none."""
    nickname = str(profile.get("nickName") or "") if profile else ""
    first = next((one for one in nickname if not has_hidden(one)), "")
    return f"{first}**" if nickname else None


def _with_country(phone: Mapping[str, str], number: str) -> str:
    return number if phone["countryCode"] == "86" else f"+{phone['countryCode']} {number}"
