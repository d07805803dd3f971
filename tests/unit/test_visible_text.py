"""What a name or a reason may not hold."""

from __future__ import annotations

import pytest

from wxlogin.accounts.app_admin import app_name
from wxlogin.accounts.masks import masked_profile
from wxlogin.visible_text import has_hidden


@pytest.mark.parametrize(
    "sign",
    [
        *("\n", "\x7f", "\x85", "\xad", "\u034f", "\u061c", "\u115f", "\u180e", "\u200b", "\u200d"),
        *("\u2028", "\u202e", "\u2066", "\u2800", "\u3164", "\ufe01", "\ufeff", "\uffa0", "\ufff9"),
        *("\ud800", "\U0001d173", "\U000e0041", "\U000e0101"),
    ],
    ids=ascii,
)
def test_what_nobody_sees_is_found(sign: str) -> None:
    assert has_hidden(f"a{sign}b")
    with pytest.raises(ValueError, match="invisible"):
        app_name(f"a{sign}b")


@pytest.mark.parametrize(
    "text",
    [
        "Zoë's iPhone",
        "订单　服务",
        "❤\ufe0f 小店",
        "שלום",
        "\uf8ff",
        "👩\u200d🚀",
        "🙋🏽\u200d♀\ufe0f",
    ],
)
def test_what_people_write_is_not(text: str) -> None:
    assert not has_hidden(text)


@pytest.mark.parametrize("text", ["👩\u200d", "\u200d👩", "👩\u200d\u200d🚀", "👩\u200da"])
def test_a_joiner_that_joins_no_two_signs_is_found(text: str) -> None:
    assert has_hidden(text)


def test_a_masked_nickname_begins_with_a_letter_that_is_seen() -> None:
    masked = masked_profile({"nickName": "\u202eAlice"})
    assert masked == {"nickName": "A**"}
