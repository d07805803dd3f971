"""Open data: signatures, and the form of what comes from outside."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.unit import vectors
from tests.unit.vectors import Signed
from wxlogin.wechat import opendata

APPID = "wx4f4bc4dec97d474b"
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
KEY = bytes(range(16))


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


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

    def test_the_longest_data_have_none(self) -> None:
        assert opendata.fault_of_encrypted_data("A" * 65_536) is None

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
