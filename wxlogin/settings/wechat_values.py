"""The forms of the secrets that WeChat's console shows."""

from __future__ import annotations

import re


def app_secret(text: str) -> str:
    """Check the format of an AppSecret."""
    if not re.fullmatch("[0-9A-Za-z]{16,64}", text):
        raise ValueError("should be the AppSecret as WeChat's console shows it")
    return text


def push_token(text: str) -> str:
    """Check the format of the Token of a message push."""
    if not re.fullmatch("[0-9A-Za-z]{3,32}", text):
        raise ValueError("should be 3 to 32 letters and digits, as WeChat's console shows it")
    return text


def push_aes_key(text: str) -> str:
    """Check the format of the EncodingAESKey of a message push."""
    if not re.fullmatch("[0-9A-Za-z]{43}", text):
        raise ValueError("should be 43 letters and digits, as WeChat's console shows it")
    return text


def pay_key(text: str) -> str:
    """Check the format of the AppKey of virtual payment."""
    if not re.fullmatch(r"[\x21-\x7e]{1,128}", text):
        raise ValueError(
            "should be 1 to 128 visible ASCII characters, as WeChat's console shows it"
        )
    return text
