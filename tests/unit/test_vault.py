"""Sealing: sealed text opens with its key and its associated data, unchanged."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.settings.values import DataKey
from wxlogin.vault import SealBroken, Vault

OLD = DataKey("d1", bytes(range(32)))
FRESH = DataKey("d2", bytes(range(32, 64)))
AAD = "user.openid_sealed:abc"

vault = Vault([OLD])
texts = st.text(st.characters(codec="utf-8"), max_size=200)


def raw(sealed: str) -> bytes:
    """Nonce, public id and ciphertext."""
    return base64.urlsafe_b64decode(sealed.partition(".")[2])


def sealed_as(key_id: str, content: bytes) -> str:
    """Sealed text of given parts."""
    return f"{key_id}.{base64.urlsafe_b64encode(content).decode()}"


@given(clear=texts, aad=texts)
def test_sealed_text_opens_with_its_associated_data(clear: str, aad: str) -> None:
    assert vault.open(vault.seal(clear, aad), aad) == clear


@given(clear=texts, aad=texts, other=texts)
def test_sealed_text_does_not_open_with_other_associated_data(
    clear: str, aad: str, other: str
) -> None:
    sealed = vault.seal(clear, aad)
    if other != aad:
        with pytest.raises(SealBroken):
            vault.open(sealed, other)


@given(clear=texts, data=st.data())
def test_any_flipped_bit_breaks_the_seal(clear: str, data: st.DataObject) -> None:
    content = bytearray(raw(vault.seal(clear, AAD)))
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        vault.open(sealed_as("d1", bytes(content)), AAD)


@given(clear=texts, data=st.data())
def test_any_cut_breaks_the_seal(clear: str, data: st.DataObject) -> None:
    sealed = vault.seal(clear, AAD)
    with pytest.raises(SealBroken):
        vault.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], AAD)


@given(sealed=st.one_of(texts, texts.map("d1.".__add__)))
def test_text_that_was_never_sealed_does_not_open(sealed: str) -> None:
    with pytest.raises(SealBroken):
        vault.open(sealed, AAD)


def test_equal_texts_are_sealed_differently() -> None:
    seen = {vault.seal("same", AAD) for _ in range(100)}
    assert len(seen) == 100
    assert len({raw(sealed)[:12] for sealed in seen}) == 100


def test_nothing_clear_stands_in_sealed_text() -> None:
    clear = secrets.token_urlsafe(24)
    sealed = vault.seal(clear, AAD)
    assert clear not in sealed
    assert clear.encode() not in raw(sealed)


def test_the_key_id_stands_readable_before_the_dot() -> None:
    assert vault.seal("x", AAD).startswith("d1.")
    assert Vault([FRESH, OLD]).seal("x", AAD).startswith("d2.")


def test_an_older_key_of_the_ring_still_opens() -> None:
    assert Vault([FRESH, OLD]).open(vault.seal("x", AAD), AAD) == "x"


def test_a_key_that_is_not_held_is_named_by_its_id() -> None:
    with pytest.raises(SealBroken, match=r"'d1'.*WXLOGIN_DATA_KEYS"):
        Vault([FRESH]).open(vault.seal("x", AAD), AAD)


def test_another_key_of_the_same_id_does_not_open() -> None:
    with pytest.raises(SealBroken):
        Vault([DataKey("d1", FRESH.key)]).open(vault.seal("x", AAD), AAD)


def test_a_seal_under_another_key_id_of_the_ring_does_not_open() -> None:
    both = Vault([FRESH, OLD])
    with pytest.raises(SealBroken):
        both.open(sealed_as("d1", raw(both.seal("x", AAD))), AAD)


def test_a_broken_seal_shows_neither_text_nor_key() -> None:
    sealed = vault.seal("the clear text", AAD)
    with pytest.raises(SealBroken) as broken:
        vault.open(sealed, "elsewhere")
    assert broken.value.__cause__ is None
    assert sealed not in str(broken.value)
    assert "the clear text" not in str(broken.value)


def test_the_seal_is_aes_256_gcm_with_associated_data() -> None:
    """Sealed once with key 00..1f, nonce 00..0b by OpenSSL."""
    public_id = "f5e0bf24739075947a97800a548f579f"
    ciphertext = "2622bd75aa92ac3be231f2e5d88d"
    content = bytes(range(12)) + bytes.fromhex(public_id + ciphertext)
    assert vault.open(sealed_as("d1", content), AAD) == "a known openid"


def test_what_can_be_replaced_reads_as_absent_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert vault.open_or_none(vault.seal("x", AAD), AAD) == "x"
    assert caplog.messages == []
    assert vault.open_or_none(vault.seal("x", AAD), "elsewhere") is None
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("elsewhere is taken for absent")
