"""Open data: what opens under which key."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from tests.unit import vectors
from tests.unit.vectors import Sealed
from wxlogin.wechat import opendata
from wxlogin.wechat.opendata import DataUnreadable

APPID = "wx4f4bc4dec97d474b"
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
KEY = bytes(range(16))
IV = bytes(range(16, 32))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def seal(padded: bytes, key: bytes = KEY) -> str:
    return text(AES.new(key, AES.MODE_CBC, iv=IV).encrypt(padded))


def opened(padded: bytes) -> dict[str, Any]:
    return opendata.decrypt(text(KEY), seal(padded), text(IV))


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


class TestDecrypt:
    @pytest.mark.parametrize(
        "sealed",
        [
            vectors.OFFICIAL_PROFILE,
            vectors.MASKED_PHONE,
            vectors.GROUP_WITHOUT_WATERMARK,
            vectors.GROUP,
            vectors.STEPS,
        ],
    )
    def test_known_answers_open(self, sealed: Sealed) -> None:
        data = opendata.decrypt(sealed.session_key, sealed.encrypted_data, sealed.iv)
        assert data == json.loads(sealed.clear)

    def test_a_stale_key_opens_nothing(self) -> None:
        stale = vectors.STALE_KEY
        with pytest.raises(DataUnreadable):
            opendata.decrypt(stale.session_key, stale.encrypted_data, stale.iv)

    def test_text_is_utf8(self) -> None:
        assert opened(pad('{"nickName":"小明🙂"}'.encode(), 16)) == {"nickName": "小明🙂"}

    @pytest.mark.parametrize(
        "clear",
        [
            b"",
            b"null",
            b"[1]",
            b'"text"',
            b'{"a":1',
            b'{"a":1}{}',
            b'{"a":1}\0',
            b"{'a':1}",
            b'{"a":1,"a":2}',
            b'{"a":{"b":1,"b":1}}',
            b'{"a":NaN}',
            b'{"a":-Infinity}',
            b'{"a":1e999}',
            b'{"a":' + b"1" * 5000 + b"}",
            b'{"a":"\xff"}',
            b'{"a":"\\ud800"}',
            b'{"\\udfff":"a"}',
            '{"a":"微信用户"}'.encode("gbk"),
            '{"a":1}'.encode("utf-16"),
            b'\xef\xbb\xbf{"a":1}',
            nested(17),
            nested(7000),
            b'{"a":' + b"[" * 40_000,
        ],
        ids=lambda clear: repr(clear[:24]),
    )
    def test_what_is_no_strict_json_object_is_refused(self, clear: bytes) -> None:
        with pytest.raises(DataUnreadable):
            opened(pad(clear, 16))

    def test_sixteen_levels_open(self) -> None:
        assert opened(pad(nested(16), 16)) == json.loads(nested(16))

    @pytest.mark.parametrize(
        "padded",
        [
            b'{"abcdef": 1234}',
            b'{"a":        1}\0',
            b'{"a":        1}\2',
            b'{"a":       1}\1\2',
            b'{"a":         ' + b"\x11" * 17,
            b'{"a":         1}' + b"\x11" * 16,
            b'{"a":         1}' + b"\x0f" + b"\x10" * 15,
        ],
    )
    def test_padding_that_is_not_pkcs7_is_refused(self, padded: bytes) -> None:
        with pytest.raises(DataUnreadable):
            opened(padded.ljust(-(-len(padded) // 16) * 16, b"\x11"))

    @pytest.mark.parametrize("count", range(1, 17))
    def test_every_length_of_padding_opens(self, count: int) -> None:
        clear = b'{"a":1' + b" " * (25 - count) + b"}"
        assert len(pad(clear, 16)) - len(clear) == count
        assert opened(pad(clear, 16)) == {"a": 1}

    @pytest.mark.parametrize("size", [24, 32])
    def test_a_key_for_aes_192_or_256_is_refused(self, size: int) -> None:
        key = bytes(size)
        with pytest.raises(DataUnreadable):
            opendata.decrypt(text(key), seal(pad(b"{}", 16), key), text(IV))

    @pytest.mark.parametrize("size", [0, 1, 15, 17])
    def test_a_key_of_another_length_is_refused(self, size: int) -> None:
        with pytest.raises(DataUnreadable):
            opendata.decrypt(text(bytes(size)), seal(pad(b"{}", 16)), text(IV))

    @pytest.mark.parametrize("size", [0, 12, 15, 17, 32])
    def test_an_iv_of_another_length_is_refused(self, size: int) -> None:
        with pytest.raises(DataUnreadable):
            opendata.decrypt(text(KEY), seal(pad(b"{}", 16)), text(bytes(size)))

    @pytest.mark.parametrize("size", [0, 1, 15, 17])
    def test_data_that_is_not_whole_blocks_is_refused(self, size: int) -> None:
        with pytest.raises(DataUnreadable):
            opendata.decrypt(text(KEY), text(bytes(size)), text(IV))

    @pytest.mark.parametrize(
        "change",
        [
            lambda good: good + "\n",
            lambda good: " " + good,
            lambda good: good[:8] + "\n" + good[8:],
            lambda good: good.rstrip("="),
            lambda good: good + "=",
            lambda good: good + "AAAA",
            lambda good: good[:-3] + chr(ord(good[-3]) + 1) + "==",
            lambda good: "é" + good[1:],
            lambda good: "\ud800" + good[1:],
        ],
    )
    def test_only_canonical_base64_is_read(self, change: Any) -> None:
        good = [text(KEY), seal(pad(b"{}", 16)), text(IV)]
        assert opendata.decrypt(*good) == {}
        for index in range(3):
            bad = [change(part) if place == index else part for place, part in enumerate(good)]
            with pytest.raises(DataUnreadable):
                opendata.decrypt(*bad)

    def test_64_kib_of_base64_open_and_a_block_more_does_not(self) -> None:
        most = b'{"a":"' + b"x" * (49_152 - 9) + b'"}'
        assert len(seal(pad(most, 16))) == 65_536
        assert opened(pad(most, 16)) == json.loads(most)
        with pytest.raises(DataUnreadable):
            opened(pad(most.replace(b"x", b"x" * 17, 1), 16))

    @pytest.mark.parametrize("padded", [b"\0" * 16, pad(b"[]", 16), pad(b"\xff", 16)])
    def test_the_error_does_not_tell_why(self, padded: bytes) -> None:
        with pytest.raises(DataUnreadable) as raised:
            opened(padded)
        assert raised.value.args == ()
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
