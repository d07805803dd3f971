"""What operators see of personal data until they ask for it whole: enough to tell two apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHOWN = ("gender", "country", "province", "city", "language")
"""What of a profile is shown as it is; its nickname is masked, the rest is left out."""


def masked_id(value: str | None) -> str | None:
    """An openid or unionid: `oABC…wxyz`."""
    return f"{value[:4]}…{value[-4:]}" if value else None


def masked_phone(phone: Mapping[str, str] | None) -> str | None:
    """A phone number: `138****5678`; a short one keeps its last two digits alone."""
    if phone is None:
        return None
    number = phone["purePhoneNumber"]
    masked = f"{number[:3]}****{number[-4:]}" if len(number) > 9 else f"****{number[-2:]}"
    return _with_country(phone, masked)


def whole_phone(phone: Mapping[str, str] | None) -> str | None:
    """A phone number, with its country code where that is not China's."""
    return _with_country(phone, phone["purePhoneNumber"]) if phone else None


def masked_profile(profile: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A profile without its picture, the nickname cut to its first letter."""
    if profile is None:
        return None
    nickname = str(profile.get("nickName") or "")
    return {
        "nickName": f"{nickname[:1]}**" if nickname else None,
        **{name: profile[name] for name in SHOWN if name in profile},
    }


def _with_country(phone: Mapping[str, str], number: str) -> str:
    return number if phone["countryCode"] == "86" else f"+{phone['countryCode']} {number}"
