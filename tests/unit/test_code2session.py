"""code2Session: what a reply must hold to sign somebody in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.clock import SettableClock
from tests.harness.raw_server import RawServer, reply
from wxlogin.error_mapping import entry_of
from wxlogin.wechat import Transport, WeChatClient, WeChatUser
from wxlogin.wechat.errors import WeChatError

GOOD = {"session_key": "D1ZWEygStjuLCnZ9IN2l4Q==", "openid": "o16wA0b4AZKzgVJR3MBwoUdTfU_E"}


def exchange(body: bytes, clock: SettableClock) -> WeChatUser:
    """Trade a code with a WeChat that answers `body`."""
    with RawServer(reply(body)) as server:
        wechat = WeChatClient(Transport(server.base, (1, 1)), clock)
        return wechat.code_to_session("wx0123456789abcdef", "s" * 32, "033NN2l22Y2H9Y0VeTl22NX0l")


def code_of(body: bytes, clock: SettableClock) -> str:
    """The code of the refusal that `body` becomes."""
    with pytest.raises(WeChatError) as refused:
        exchange(body, clock)
    return entry_of(refused.value).code


@pytest.mark.parametrize(
    "more", [{}, {"errcode": 0, "errmsg": "ok"}, {"errcode": "0"}, {"expires_in": 7200, "x": {}}]
)
def test_openid_and_session_key_sign_in(clock: SettableClock, more: dict[str, Any]) -> None:
    person = exchange(json.dumps(GOOD | more).encode(), clock)
    assert (person.openid, person.session_key) == (GOOD["openid"], GOOD["session_key"])
    assert person.stamp == int(clock() * 1000)


def test_who_signs_in_is_not_shown(clock: SettableClock) -> None:
    shown = repr(exchange(json.dumps(GOOD).encode(), clock))
    assert GOOD["openid"] not in shown
    assert GOOD["session_key"] not in shown


@pytest.mark.parametrize(
    ("errcode", "code"),
    [(40029, "CODE_INVALID"), ("40029", "CODE_INVALID"), (-1, "WX_UNAVAILABLE")],
)
def test_an_errcode_counts_also_as_text_and_beside_an_openid(
    clock: SettableClock, errcode: object, code: str
) -> None:
    assert code_of(json.dumps(GOOD | {"errcode": errcode}).encode(), clock) == code


@pytest.mark.parametrize(
    "errcode", [b"null", b'"x"', b"[]", b"{}", b"1e999", b"-1e999", b"NaN", b"Infinity", b'""']
)
def test_an_errcode_that_is_no_number_is_wechat_being_unavailable(
    clock: SettableClock, errcode: bytes
) -> None:
    body = json.dumps(GOOD).encode()[:-1] + b', "errcode": ' + errcode + b"}"
    assert code_of(body, clock) == "WX_UNAVAILABLE"


@pytest.mark.parametrize("name", ["openid", "session_key"])
@pytest.mark.parametrize(
    "value", [b"null", b'""', b"7", b"[]", b'"%b"' % (b"o" * 129), b'"\\ud800"']
)
def test_a_reply_without_a_sound_openid_or_key_is_wechat_being_unavailable(
    clock: SettableClock, name: str, value: bytes
) -> None:
    other = json.dumps({key: text for key, text in GOOD.items() if key != name}).encode()
    body = other[:-1] + b', "%b": %b}' % (name.encode(), value)
    assert code_of(body, clock) == "WX_UNAVAILABLE"
    assert code_of(other, clock) == "WX_UNAVAILABLE"
