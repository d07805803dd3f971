"""Open data, whatever comes: the one error or what was sealed; no other exception, no garbage."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.vectors import MASKED_PHONE
from wxlogin.sandbox.opendata import encrypted, raw_signature
from wxlogin.wechat import opendata
from wxlogin.wechat.opendata import PHONE, DataTooOld, DataUnreadable, Owner

OWNER = Owner("wxc****17e87e0e0a7", "oGZUI0egBJY1zhBYw2KhdUfwVJJE")
NOW = 1_634_545_675
PHONE_KEY, PHONE_DATA, PHONE_IV = (
    base64.b64decode(part)
    for part in (MASKED_PHONE.session_key, MASKED_PHONE.encrypted_data, MASKED_PHONE.iv)
)

keys = st.binary(min_size=16, max_size=16)
any_text = st.text(st.characters())
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(st.text(), values, max_size=6)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sealed(key: bytes, data: dict[str, Any]) -> tuple[bytes, bytes]:
    """What the sandbox's WeChat would send: encryptedData and iv, decoded."""
    clear = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    parts = encrypted(text(key), clear)
    return base64.b64decode(parts["encryptedData"]), base64.b64decode(parts["iv"])


def decrypt(key: bytes, data: bytes, iv: bytes) -> dict[str, Any]:
    return opendata.decrypt(text(key), text(data), text(iv))


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def phone(key: bytes = PHONE_KEY, data: bytes = PHONE_DATA, iv: bytes = PHONE_IV) -> dict[str, Any]:
    """The whole way of a phone number: opened, then judged."""
    return opendata.check(decrypt(key, data, iv), OWNER, PHONE, now=NOW, max_age=600)


def refused(key: bytes = PHONE_KEY, data: bytes = PHONE_DATA, iv: bytes = PHONE_IV) -> bool:
    try:
        phone(key, data, iv)
    except DataUnreadable:
        return True
    return False


@given(key=keys, data=objects)
def test_what_was_sealed_opens_as_it_was(key: bytes, data: dict[str, Any]) -> None:
    assert decrypt(key, *sealed(key, data)) == data


@given(key=keys, wrong=keys, data=objects)
def test_another_key_never_opens(key: bytes, wrong: bytes, data: dict[str, Any]) -> None:
    assume(key != wrong)
    with pytest.raises(DataUnreadable):
        decrypt(wrong, *sealed(key, data))


@given(key=keys, data=objects, bit=st.integers(0, 127))
def test_a_key_with_a_flipped_bit_never_opens(key: bytes, data: dict[str, Any], bit: int) -> None:
    with pytest.raises(DataUnreadable):
        decrypt(flipped(key, bit), *sealed(key, data))


def test_the_untouched_number_passes() -> None:
    assert phone() == {
        "phoneNumber": "186****5613",
        "purePhoneNumber": "186****5613",
        "countryCode": "86",
    }


def test_every_flipped_bit_of_a_number_is_refused() -> None:
    assert all(refused(key=flipped(PHONE_KEY, bit)) for bit in range(128))
    assert all(refused(iv=flipped(PHONE_IV, bit)) for bit in range(128))
    assert all(refused(data=flipped(PHONE_DATA, bit)) for bit in range(8 * len(PHONE_DATA)))


@given(key=keys, data=objects, draw=st.data())
def test_a_flipped_bit_gives_the_one_error_or_data_that_check_judges(
    key: bytes, data: dict[str, Any], draw: st.DataObject
) -> None:
    cipher, iv = sealed(key, data)
    both = flipped(iv + cipher, draw.draw(st.integers(0, 8 * len(iv + cipher) - 1)))
    try:
        changed = decrypt(key, both[16:], both[:16])
    except DataUnreadable:
        return
    assert isinstance(changed, dict)
    with pytest.raises(DataUnreadable):
        opendata.check(changed, OWNER, PHONE, now=NOW, max_age=600)


@given(iv=keys)
def test_another_iv_is_refused(iv: bytes) -> None:
    assume(iv != PHONE_IV)
    assert refused(iv=iv)


@given(
    name=st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=11, max_size=11)
)
def test_a_first_name_forged_by_the_iv_opens_but_is_refused(name: str) -> None:
    assume(name not in PHONE)
    mask = zip(PHONE_IV, b'{"phoneNumber":"', f'{{"{name}":"'.encode(), strict=True)
    iv = bytes(byte ^ was ^ wanted for byte, was, wanted in mask)
    assert decrypt(PHONE_KEY, PHONE_DATA, iv)[name] == "186****5613"
    assert refused(iv=iv)


@given(key=keys, data=objects, draw=st.data())
def test_data_cut_anywhere_never_open(
    key: bytes, data: dict[str, Any], draw: st.DataObject
) -> None:
    cipher, iv = sealed(key, data)
    with pytest.raises(DataUnreadable):
        decrypt(key, cipher[: draw.draw(st.integers(0, len(cipher) - 1))], iv)


@given(key=keys, data=objects, more=st.binary(min_size=1, max_size=48))
def test_data_with_more_behind_never_open(key: bytes, data: dict[str, Any], more: bytes) -> None:
    cipher, iv = sealed(key, data)
    with pytest.raises(DataUnreadable):
        decrypt(key, cipher + more, iv)


@given(more=keys)
def test_a_block_put_anywhere_into_a_number_is_refused(more: bytes) -> None:
    places = range(0, len(PHONE_DATA) + 1, 16)
    assert all(refused(data=PHONE_DATA[:at] + more + PHONE_DATA[at:]) for at in places)


def test_a_block_taken_out_or_doubled_is_refused() -> None:
    for at in range(0, len(PHONE_DATA), 16):
        block = PHONE_DATA[at : at + 16]
        assert refused(data=PHONE_DATA[:at] + PHONE_DATA[at + 16 :])
        assert refused(data=PHONE_DATA[:at] + block + PHONE_DATA[at:])


@given(session_key=any_text, encrypted_data=any_text, iv=any_text)
def test_random_text_never_opens(session_key: str, encrypted_data: str, iv: str) -> None:
    with pytest.raises(DataUnreadable):
        opendata.decrypt(session_key, encrypted_data, iv)


@given(key=keys, blocks=st.lists(keys, min_size=1, max_size=8), iv=keys)
def test_random_blocks_never_open(key: bytes, blocks: list[bytes], iv: bytes) -> None:
    with pytest.raises(DataUnreadable):
        decrypt(key, b"".join(blocks), iv)


@given(
    data=objects,
    watermark=values | st.fixed_dictionaries({"appid": st.just(OWNER.appid), "timestamp": values}),
    openid=values | st.just(OWNER.openid),
    unionid=values,
)
def test_check_knows_two_errors_and_lets_no_identity_out(
    data: dict[str, Any], watermark: Any, openid: Any, unionid: Any
) -> None:
    data |= {"watermark": watermark, "openId": openid, "unionId": unionid}
    try:
        checked = opendata.check(data, OWNER, frozenset(), now=NOW, max_age=NOW)
    except (DataUnreadable, DataTooOld):
        return
    assert openid == OWNER.openid
    assert set(checked) <= set(data) - {"openId", "unionId", "watermark"}
    assert all(checked[name] == data[name] for name in checked)


@given(field=any_text | st.binary(max_size=64).map(text))
def test_a_field_without_a_fault_is_canonical_base64_of_the_right_length(field: str) -> None:
    try:
        decoded = base64.b64decode(field, validate=True)
    except ValueError:
        decoded = b""
    canonical = text(decoded) == field
    assert (opendata.fault_of_iv(field) is None) == (canonical and len(decoded) == 16)
    whole = len(decoded) > 0 and len(decoded) % 16 == 0
    assert (opendata.fault_of_encrypted_data(field) is None) == (canonical and whole)


@given(raw_data=st.text(), key=keys, other=st.text())
def test_a_raw_signature_holds_for_its_own_text_alone(
    raw_data: str, key: bytes, other: str
) -> None:
    signature = raw_signature(raw_data, text(key))
    assert opendata.raw_signature_holds(raw_data, text(key), signature)
    assert opendata.raw_signature_holds(other, text(key), signature) == (other == raw_data)
