"""Messages that WeChat pushes: signatures, decryption, and what they say of a user."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.sandbox.push import PushConfig, encrypt, written
from wxlogin.wechat.errors import PushRefused
from wxlogin.wechat.message_crypto import decrypt, verify_signature
from wxlogin.wechat.push_messages import PHONE, PROFILE, PushMessage, parse

TOKEN = "AAAAA"
AES_KEY = "A" * 43
OFFICIAL = PushConfig("wxba5fad812f8e6fb9", TOKEN, AES_KEY)

# The samples of WeChat's message-push page.
URL_CHECK = ("f464b24fc39322e44b38aa78f5edd27bd1441696", "1714036504", "1514711492")
PLAIN = ("899cf89e464efb63f54ddac96b0a0a235f53aa78", "1714037059", "486452656")
SECURE_QUERY = ("6c5c811b55cc85e0e1b54100749188c20beb3f5d", "1714112445", "415670741")
SECURE_SIGNATURE = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
SECURE = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMk"
    "Uyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7Ggia"
    "viNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIj"
    "df8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
SECURE_RANDOM = b"a8eedb185eb2fecf"
SECURE_CLEAR = (
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY'
    '","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str"'
    ':"hello world"}'
)
REPLY_SIGNATURE = ("1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1", "1713424427", "415670741")
REPLY = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
REPLY_CLEAR = b'{"demo_resp":"good luck"}'


@pytest.mark.parametrize("sample", [URL_CHECK, PLAIN, SECURE_QUERY])
def test_wechats_own_signatures_hold(sample: tuple[str, str, str]) -> None:
    assert verify_signature(TOKEN, *sample)


@pytest.mark.parametrize("at", range(3))
def test_a_signature_with_one_byte_changed_does_not_hold(at: int) -> None:
    parts = list(PLAIN)
    parts[at] = parts[at][:-1] + ("0" if parts[at][-1] != "0" else "1")
    assert not verify_signature(TOKEN, *parts)


@pytest.mark.parametrize("signature", ["", "\ud800", "é" * 40])
def test_a_signature_of_no_hex_does_not_hold(signature: str) -> None:
    assert not verify_signature(TOKEN, signature, *PLAIN[1:])


def test_the_message_signature_covers_the_encrypted_message() -> None:
    assert verify_signature(TOKEN, SECURE_SIGNATURE, *SECURE_QUERY[1:], SECURE)
    assert verify_signature(TOKEN, *REPLY_SIGNATURE, REPLY)
    assert not verify_signature(TOKEN, SECURE_SIGNATURE, *SECURE_QUERY[1:], REPLY)


def test_wechats_own_messages_open() -> None:
    assert decrypt(AES_KEY, OFFICIAL.appid, SECURE) == SECURE_CLEAR.encode()
    assert decrypt(AES_KEY, OFFICIAL.appid, REPLY) == REPLY_CLEAR


def test_the_sandbox_encrypts_as_wechat_does() -> None:
    assert encrypt(OFFICIAL, SECURE_CLEAR.encode(), SECURE_RANDOM) == SECURE


@given(st.binary(max_size=200))
def test_what_the_sandbox_encrypts_opens(clear: bytes) -> None:
    assert decrypt(AES_KEY, OFFICIAL.appid, encrypt(OFFICIAL, clear)) == clear


@given(st.integers(0, len(base64.b64decode(REPLY)) - 1), st.integers(1, 255))
def test_a_changed_byte_never_opens_as_another_appids_message(at: int, flip: int) -> None:
    raw = bytearray(base64.b64decode(REPLY))
    raw[at] ^= flip
    with pytest.raises(PushRefused):
        # CBC has no integrity, so that a change may open; never as a message for another app.
        decrypt(AES_KEY, "wx0123456789abcdef", base64.b64encode(raw).decode())


@pytest.mark.parametrize("encrypted", ["", "A", "%%%%", "AAAA", "é" * 8, "\ud800", "A" * 44])
def test_what_is_no_message_is_refused(encrypted: str) -> None:
    with pytest.raises(PushRefused):
        decrypt(AES_KEY, OFFICIAL.appid, encrypted)


def test_a_message_for_another_app_is_refused() -> None:
    with pytest.raises(PushRefused):
        decrypt(AES_KEY, "wx0123456789abcdef", SECURE)


def test_a_key_whose_last_character_has_spare_bits_opens() -> None:
    config = PushConfig(OFFICIAL.appid, TOKEN, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
    assert decrypt(config.aes_key, config.appid, encrypt(config, b"{}")) == b"{}"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_both_forms_say_the_same(form: str) -> None:
    message = {"Event": "user_info_modified", "OpenID": "o1 & <2>", "RevokeInfo": "6,8"}
    assert parse(written(message, "json" if form == "json" else "xml")) == message


def test_names_lose_the_spaces_of_wechats_samples() -> None:
    assert parse(b'{" OpenID": "o1"}') == {"OpenID": "o1"}


def test_a_control_character_in_a_text_is_taken() -> None:
    assert parse(b'{"Content": "a\tb"}') == {"Content": "a\tb"}


def test_elements_of_one_name_become_a_list() -> None:
    raw = b"<xml><List><a>1</a><a>2</a><b>3</b></List></xml>"
    assert parse(raw) == {"List": {"a": ["1", "2"], "b": "3"}}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b"<xml>",
        b'{"a": 1, "a": 2}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b"<xml>" + b"<a>" * 30 + b"</a>" * 30 + b"</xml>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
    ],
)
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(PushRefused):
        parse(raw)


def revoked(info: object) -> frozenset[str]:
    return PushMessage({"RevokeInfo": info}, encrypted=True).revoked()


@pytest.mark.parametrize("info", ["8", 8, " 8 ", "8,1", "8;13"])
def test_a_phone_number_is_withdrawn(info: object) -> None:
    assert revoked(info) == {PHONE}


@pytest.mark.parametrize("info", ["6", "19", "20", "6,20"])
def test_a_profile_is_withdrawn(info: object) -> None:
    assert revoked(info) == {PROFILE}


@pytest.mark.parametrize("info", ["1", "13,14", "5"])
def test_what_wxlogin_never_stores_changes_nothing(info: object) -> None:
    assert revoked(info) == frozenset()


@pytest.mark.parametrize("info", ["", None, "301", "99", "8,99", "x", "6,8"])
def test_what_is_unknown_or_missing_withdraws_everything(info: object) -> None:
    assert revoked(info) == {PHONE, PROFILE}


def test_a_privacy_event_names_its_user_by_openid_alone() -> None:
    fields: dict[str, object] = {"Event": "user_info_modified", "FromUserName": "o-platform"}
    assert PushMessage(fields, encrypted=True).openid == ""
    assert PushMessage({**fields, "OpenID": "o1"}, encrypted=True).openid == "o1"
    assert PushMessage({"FromUserName": "o2"}, encrypted=True).openid == "o2"
