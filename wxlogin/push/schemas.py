"""What WeChat adds to the address of its calls."""

from __future__ import annotations

from pydantic import BaseModel, Field


class AppPath(BaseModel):
    """The mini-program that the push is for."""

    appid: str = Field(max_length=32)


class PushQuery(BaseModel):
    """The signatures; `msg_signature` covers the encrypted message too."""

    signature: str = Field("", max_length=64)
    timestamp: str = Field("", max_length=12)
    nonce: str = Field("", max_length=64)
    encrypt_type: str = Field("", max_length=16)
    msg_signature: str = Field("", max_length=64)


class VerificationQuery(PushQuery):
    """What WeChat sends when the address is entered in its console."""

    echostr: str = Field(max_length=128)
