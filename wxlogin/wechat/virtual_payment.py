"""Signatures of virtual payment (虚拟支付; the guide of xpay, "签名详解").

`pay_sig` proves that the team's server ordered it, `signature` that the user is signed in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import NamedTuple

from wxlogin.strict_json import reject_duplicate_names
from wxlogin.wechat.opendata import session_signature

CLIENT_CALL = "requestVirtualPayment"
"""What is signed in place of a path where the mini-program makes the call."""
LIVE, SANDBOX = 0, 1


class PaymentSignatures(NamedTuple):
    """Both signatures, in lower-case hex: WeChat refuses upper case with 268490003."""

    pay_sig: str
    signature: str


def is_sandbox(sign_data: str) -> bool:
    """Return whether the data are for WeChat's sandbox, by their `env`; without one they are not.

    ValueError for data that are no JSON object, or whose `env` is neither 0 nor 1.
    """
    try:
        data = json.loads(sign_data, object_pairs_hook=reject_duplicate_names)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    env = data.get("env", LIVE) if isinstance(data, dict) else None
    if type(env) is not int or env not in (LIVE, SANDBOX):
        raise ValueError("no environment")
    return env == SANDBOX


def sign_payment(app_key: str, session_key: str, uri: str, sign_data: str) -> PaymentSignatures:
    """Sign the data, byte for byte as they will be sent to WeChat."""
    ordered = hmac.new(app_key.encode(), f"{uri}&{sign_data}".encode(), hashlib.sha256)
    return PaymentSignatures(
        ordered.hexdigest(), session_signature(session_key, sign_data.encode())
    )
