"""What WeChat adds to the address of its calls.

No part is refused by its shape: a signature that is missing or too long does not verify, and is
answered so.
"""

from __future__ import annotations

from pydantic import BaseModel


class AppPath(BaseModel):
    """The mini-program that the push is for."""

    appid: str


class PushQuery(BaseModel):
    """The signatures; `msg_signature` covers the encrypted message too."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    encrypt_type: str = ""
    msg_signature: str = ""


class VerificationQuery(PushQuery):
    """What WeChat sends when the address is entered in its console."""

    echostr: str = ""
