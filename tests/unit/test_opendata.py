"""Open data: what opens, what is believed, and what leaves."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

from tests.unit import vectors
from tests.unit.vectors import Sealed, Signed
from wxlogin.wechat import opendata
from wxlogin.wechat.opendata import PHONE, PROFILE, DataTooOld, DataUnreadable, Opened, Owner

APPID = "wx4f4bc4dec97d474b"
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
UNIONID = "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"
OWNER = Owner(APPID, OPENID)
NOW = 1_477_314_187
KEY = bytes(range(16))
IV = bytes(range(16, 32))
NOTHING = frozenset[str]()


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def seal(padded: bytes, key: bytes = KEY) -> str:
    return text(AES.new(key, AES.MODE_CBC, iv=IV).encrypt(padded))


def opened(padded: bytes) -> dict[str, Any]:
    return opendata.decrypt(text(KEY), seal(padded), text(IV))


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


def watermarked(timestamp: Any = NOW, **entries: Any) -> dict[str, Any]:
    return entries | {"watermark": {"timestamp": timestamp, "appid": APPID}}


def check(
    data: dict[str, Any], required: frozenset[str] = NOTHING, *, owner: Owner = OWNER
) -> Opened:
    return opendata.check(data, owner, required, now=float(NOW), max_age=600)


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
            b'{"a":"\n"}',
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


class TestCheck:
    def test_the_official_profile_leaves_without_identities(self) -> None:
        clear = json.loads(vectors.OFFICIAL_PROFILE.clear)
        checked = check(clear, PROFILE)
        assert checked.unionid == UNIONID
        assert checked.data == {
            name: value
            for name, value in clear.items()
            if name not in {"openId", "unionId", "watermark"}
        }

    def test_a_phone_number_leaves_as_it_stands(self) -> None:
        data = json.loads(vectors.MASKED_PHONE.clear)
        owner = Owner("wxc****17e87e0e0a7", OPENID)
        checked = opendata.check(data, owner, PHONE, now=1_634_545_675, max_age=600)
        assert checked.data == {
            "phoneNumber": "186****5613",
            "purePhoneNumber": "186****5613",
            "countryCode": "86",
        }
        assert checked.unionid is None

    @pytest.mark.parametrize(
        ("sealed", "now"), [(vectors.GROUP, 1_535_624_932), (vectors.STEPS, NOW)]
    )
    def test_other_kinds_pass_with_their_own_name(self, sealed: Sealed, now: int) -> None:
        data = json.loads(sealed.clear)
        name = next(iter(data))
        checked = opendata.check(data, OWNER, frozenset({name}), now=now, max_age=600)
        assert checked.data == {name: data[name]}

    def test_data_without_a_watermark_are_refused(self) -> None:
        with pytest.raises(DataUnreadable):
            check(json.loads(vectors.GROUP_WITHOUT_WATERMARK.clear))

    @pytest.mark.parametrize(
        "watermark",
        [
            None,
            "text",
            [],
            {},
            {"timestamp": NOW},
            {"appid": APPID},
            {"appid": "wx0000000000000000", "timestamp": NOW},
            {"appid": APPID.upper(), "timestamp": NOW},
            {"appid": [APPID], "timestamp": NOW},
            {"appid": APPID, "timestamp": None},
            {"appid": APPID, "timestamp": str(NOW)},
            {"appid": APPID, "timestamp": float(NOW)},
        ],
    )
    def test_a_watermark_of_another_app_or_shape_is_refused(self, watermark: Any) -> None:
        with pytest.raises(DataUnreadable):
            check({"watermark": watermark})

    def test_true_is_no_timestamp(self) -> None:
        with pytest.raises(DataUnreadable):
            opendata.check(watermarked(timestamp=True), OWNER, NOTHING, now=1, max_age=600)

    def test_data_of_the_greatest_age_pass_and_a_second_more_is_too_old(self) -> None:
        assert check(watermarked(NOW - 600, n=1)).data == {"n": 1}
        with pytest.raises(DataTooOld):
            check(watermarked(NOW - 601, n=1))

    def test_wechats_clock_may_be_300_seconds_ahead_and_no_more(self) -> None:
        assert check(watermarked(NOW + 300, n=1)).data == {"n": 1}
        with pytest.raises(DataUnreadable):
            check(watermarked(NOW + 301, n=1))

    def test_a_timestamp_beyond_every_float_is_judged_like_any_other(self) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(10**400))
        with pytest.raises(DataTooOld):
            check(watermarked(-(10**400)))

    @pytest.mark.parametrize(
        "openid", ["oAnother", OPENID[:-1], "", "ö", "\ud800", None, 1, [OPENID]]
    )
    def test_data_of_another_user_are_refused(self, openid: Any) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(openId=openid))

    @pytest.mark.parametrize("missing", sorted(PHONE))
    def test_a_missing_name_is_refused_and_more_names_are_not(self, missing: str) -> None:
        number = dict.fromkeys(PHONE, "1")
        assert check(watermarked(**number, more=1), PHONE).data == {**number, "more": 1}
        del number[missing]
        with pytest.raises(DataUnreadable):
            check(watermarked(**number), PHONE)

    def test_old_data_of_another_user_are_not_called_too_old(self) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(0, openId="oAnother"))
        with pytest.raises(DataUnreadable):
            check(watermarked(0), PHONE)

    @pytest.mark.parametrize("unionid", [1, [UNIONID], "u" * 129])
    def test_a_unionid_of_another_shape_is_refused(self, unionid: Any) -> None:
        with pytest.raises(DataUnreadable):
            check(watermarked(unionId=unionid))

    @pytest.mark.parametrize("unionid", [None, ""])
    def test_an_empty_unionid_is_none(self, unionid: Any) -> None:
        assert check(watermarked(unionId=unionid, n=1)) == Opened({"n": 1}, None)

    def test_an_identity_leaves_under_no_other_name_and_at_no_depth(self) -> None:
        data = watermarked(
            unionId=UNIONID,
            openid=OPENID,
            union=UNIONID,
            url=f"https://example.com/?u={OPENID}&n=1",
            deep=[{"of": {"user": UNIONID}}],
            **{OPENID: 1},
            n=1,
        )
        assert check(data) == Opened({"n": 1}, UNIONID)

    def test_an_openid_renamed_by_a_forged_iv_does_not_leave(self) -> None:
        sealed = vectors.OFFICIAL_PROFILE
        first, wanted = sealed.clear.encode()[:16], b'{"other_":"12345'
        mask = zip(base64.b64decode(sealed.iv), first, wanted, strict=True)
        iv = text(bytes(byte ^ was ^ want for byte, was, want in mask))
        data = opendata.decrypt(sealed.session_key, sealed.encrypted_data, iv)
        assert data["other_"] == "12345" + OPENID[5:]
        assert OPENID[5:] not in json.dumps(check(data, PROFILE).data)

    def test_no_repr_shows_whose_data_they_are(self) -> None:
        checked = check(watermarked(openId=OPENID, unionId=UNIONID, nickName="Band"))
        for secret in (OPENID, UNIONID, "Band"):
            assert secret not in repr((OWNER, checked))


class TestKinds:
    @pytest.mark.parametrize(
        ("sealed", "names"),
        [
            (vectors.OFFICIAL_PROFILE, PROFILE),
            (vectors.MASKED_PHONE, PHONE),
            (vectors.GROUP, {"openGId"}),
            (vectors.STEPS, {"stepInfoList"}),
        ],
    )
    def test_a_kind_is_known_by_its_names(self, sealed: Sealed, names: frozenset[str]) -> None:
        assert opendata.kind_of(json.loads(sealed.clear)) == names

    @pytest.mark.parametrize(
        "data", [{}, {"other": 1}, {"nickName": "Band"}, {"phoneNumber": "1", "countryCode": "86"}]
    )
    def test_data_of_no_known_kind_are_refused(self, data: dict[str, Any]) -> None:
        with pytest.raises(DataUnreadable):
            opendata.kind_of(data)

    def test_what_wechat_told_is_ours_by_its_watermark(self) -> None:
        assert opendata.is_ours(watermarked(), APPID)
        assert not opendata.is_ours(watermarked(), "wx0000000000000000")
        assert not opendata.is_ours({}, APPID)
        assert not opendata.is_ours({"watermark": APPID}, APPID)


class TestSignatures:
    def test_the_official_raw_data_signature_holds(self) -> None:
        signed = vectors.RAW_DATA
        assert opendata.raw_signature_holds(signed.message, signed.session_key, signed.signature)

    @pytest.mark.parametrize(
        "change",
        [
            str.upper,
            lambda signature: signature + "0",
            lambda signature: signature[:-1],
            lambda signature: signature[::-1],
            lambda signature: " " + signature,
            lambda signature: "é" + signature[1:],
            lambda signature: "\ud800" + signature[1:],
            lambda _signature: "",
        ],
    )
    def test_any_other_signature_does_not_hold(self, change: Any) -> None:
        signed = vectors.RAW_DATA
        signature = change(signed.signature)
        assert not opendata.raw_signature_holds(signed.message, signed.session_key, signature)

    def test_raw_data_written_anew_does_not_hold(self) -> None:
        signed = vectors.RAW_DATA
        spaced = json.dumps(json.loads(signed.message))
        assert not opendata.raw_signature_holds(spaced, signed.session_key, signed.signature)

    def test_raw_data_under_another_key_does_not_hold(self) -> None:
        signed = vectors.RAW_DATA
        assert not opendata.raw_signature_holds(signed.message, text(KEY), signed.signature)

    def test_raw_data_that_is_no_unicode_does_not_hold(self) -> None:
        assert not opendata.raw_signature_holds("\ud800", text(KEY), "0" * 40)

    @pytest.mark.parametrize("signed", [vectors.POST_SIGNATURE, vectors.GET_SIGNATURE])
    def test_known_session_signatures(self, signed: Signed) -> None:
        message = signed.message.encode()
        assert opendata.session_signature(signed.session_key, message) == signed.signature

    def test_a_get_signs_the_empty_string(self) -> None:
        signed = vectors.GET_SIGNATURE
        assert opendata.session_signature(signed.session_key) == signed.signature


class TestFaultsOfForm:
    def test_good_fields_have_none(self) -> None:
        sealed = vectors.OFFICIAL_PROFILE
        assert opendata.fault_of_encrypted_data(sealed.encrypted_data) is None
        assert opendata.fault_of_iv(sealed.iv) is None

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda _good: "", "is empty"),
            (lambda _good: "A" * 65_537, "over 64 KiB"),
            (lambda good: good + "\n", "characters that are not base64"),
            (lambda good: "-_" + good[2:], "characters that are not base64"),
            (lambda good: "%2B" + good[3:], "characters that are not base64"),
            (lambda good: "\ud800" + good[1:], "characters that are not base64"),
            (lambda good: good.rstrip("="), "cut short or wrongly padded"),
            (lambda good: good + "=", "cut short or wrongly padded"),
            (lambda good: "=" + good[1:], "cut short or wrongly padded"),
            (lambda good: good[:-3] + chr(ord(good[-3]) + 1) + "==", "wrongly padded"),
        ],
    )
    def test_words_for_what_is_not_base64(self, change: Any, words: str) -> None:
        sealed = vectors.OFFICIAL_PROFILE
        assert words in str(opendata.fault_of_encrypted_data(change(sealed.encrypted_data)))
        assert words in str(opendata.fault_of_iv(change(sealed.iv)))

    def test_a_space_is_named_as_a_lost_plus(self) -> None:
        for fault in (
            opendata.fault_of_encrypted_data(
                vectors.OFFICIAL_PROFILE.encrypted_data.replace("+", " ")
            ),
            opendata.fault_of_iv("r7BXXKkLb8qrSNn05n0q A=="),
        ):
            assert fault is not None
            assert "a + was lost" in fault

    @pytest.mark.parametrize("size", [1, 15, 17, 32])
    def test_an_iv_that_is_not_16_bytes_is_told_its_length(self, size: int) -> None:
        assert (
            opendata.fault_of_iv(text(bytes(size))) == "should be base64 of 16 bytes: 24 characters"
        )

    @pytest.mark.parametrize("size", [1, 15, 17, 31])
    def test_data_that_are_not_whole_blocks_are_told_so(self, size: int) -> None:
        fault = opendata.fault_of_encrypted_data(text(bytes(size)))
        assert fault is not None
        assert "whole blocks of 16 bytes" in fault

    def test_the_words_repeat_nothing_of_what_was_sent(self) -> None:
        for fault in (opendata.fault_of_iv("wxs_s3cret"), opendata.fault_of_iv("c3cret c3cret")):
            assert fault is not None
            assert "cret" not in fault
