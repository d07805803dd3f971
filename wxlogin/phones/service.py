"""What the phones need of this server: the built client, and what the sandbox does for them."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

import requests

from config import ROOT, Settings
from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.settings.values import is_local

CLIENT = ROOT / "miniprogram/dist/wxlogin.js"
SECONDS = (2, 10)
"""To connect to the sandbox and to hear from it."""
WRAPPER = """\
// The built file as it is, once for each phone: with a clock and timers of its own.
export default (Date, setTimeout, clearTimeout) => {{
const module = {{ exports: {{}} }};
{built}
return module.exports;
}};
"""


class Answer(NamedTuple):
    """The sandbox's answer, in JSON."""

    body: bytes
    status: int


def are_served(settings: Settings) -> bool:
    """Return whether there are phones: never in production, and not before WeChat itself."""
    return settings.sandbox and not settings.production and is_local(settings.wx_api_base)


def require_this_machine(address: str, host: str) -> None:
    """Raise FORBIDDEN for a caller from elsewhere: at the sandbox, anybody logs in as anybody.

    A page of another name is from elsewhere too, even if that name leads here (DNS rebinding).
    """
    here = address and ipaddress.ip_address(address).is_loopback and is_local(f"//{host}")
    if not here:
        raise ApiError(errors.FORBIDDEN, "The phones are for browsers on this machine alone.")


def client_module() -> str:
    """Return the built client as a module that makes one for each phone."""
    try:
        return WRAPPER.format(built=CLIENT.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ApiError(errors.NOT_FOUND, "Build the client first: make client.") from None


def ask_sandbox(base: str, method: str, name: str, body: bytes) -> Answer:
    """Pass a call of the page on to the sandbox; WX_UNAVAILABLE if that does not answer."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            answer = http.request(
                method,
                f"{base}/sandbox/{name}",
                data=body,
                headers={"Content-Type": "application/json"} if body else {},
                timeout=SECONDS,
            )
        except requests.RequestException:
            raise ApiError(errors.WX_UNAVAILABLE) from None
    return Answer(answer.content, answer.status_code)
