"""Asks WeChat whether it accepts an app from here; the answer tells our address and its time.

A login needs none of this, so it is apart from the client: nothing is retried, no breaker hears of
it, and the access_token of the answer is dropped.
"""

from __future__ import annotations

import ipaddress
import json
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from urllib3.exceptions import HTTPError

from wxlogin.wechat.access_tokens import Credentials
from wxlogin.wechat.connections import Connections
from wxlogin.wechat.transport import read_reply

PATH = "/cgi-bin/stable_token"
ADDRESS = re.compile(r"[0-9A-Fa-f:.]{3,45}")


@dataclass(frozen=True)
class Answer:
    """What WeChat answered: its errcode (0 for none), and the time of its server.

    `address` is the address that it saw us come from, if its refusal names one.
    """

    errcode: int
    address: str
    at: datetime | None


class NoAnswer(Exception):
    """WeChat gave no answer that can be read; the message says why in a word, without a URL."""


def ask(base: str, timeout: tuple[float, float], proxy: str, credentials: Credentials) -> Answer:
    """Ask for the app's current access_token (getStableAccessToken page), which changes nothing."""
    body = {
        "grant_type": "client_credential",
        "appid": credentials.appid,
        "secret": credentials.secret,
        "force_refresh": False,
    }
    why = ""
    try:
        with (
            closing(Connections(proxy, 1)) as connections,
            connections.send("POST", base + PATH, json.dumps(body).encode(), timeout) as response,
        ):
            if response.status == 200:
                reply = json.loads(read_reply(response), strict=False)
                return _answer(reply, response.headers.get("Date", ""))
            why = f"status {response.status}"
    except (HTTPError, ValueError, RecursionError) as error:
        why = type(error).__name__
    # Outside of the handler: the library's exception quotes the URL.
    raise NoAnswer(why)


def _answer(reply: object, date: str) -> Answer:
    if not isinstance(reply, dict):
        raise ValueError("reply is not an object")
    errcode = int(reply.get("errcode", 0))
    return Answer(errcode, _address(str(reply.get("errmsg", ""))), _time(date))


def _address(errmsg: str) -> str:
    """Return the first address in WeChat's text, such as `invalid ip 192.0.2.1 ipv6 ...`."""
    for text in ADDRESS.findall(errmsg):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return ""


def _time(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
