"""Blind indexes: equal values of one purpose are found, and nothing is told."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from wxlogin.settings.values import DataKey
from wxlogin.vault import BlindIndex

OLD = DataKey("i1", bytes(range(32)))
FRESH = DataKey("i2", bytes(range(32, 64)))
texts = st.text(st.characters(codec="utf-8"), max_size=64)

index = BlindIndex([OLD])


@given(value=texts, purpose=texts)
def test_a_value_has_one_digest_of_64_hex_characters(value: str, purpose: str) -> None:
    (first,), (second,) = index.digests(value, purpose), index.digests(value, purpose)
    assert first == second
    assert first.key_id == "i1"
    assert len(bytes.fromhex(first.digest)) == 32


@given(one=texts, other=texts)
def test_other_values_and_other_purposes_have_other_digests(one: str, other: str) -> None:
    if one != other:
        assert index.digests(one, "openid") != index.digests(other, "openid")
        assert index.digests("o", one) != index.digests("o", other)


def test_another_key_gives_another_digest() -> None:
    assert (
        index.digests("o", "openid")[0].digest
        != BlindIndex([FRESH]).digests("o", "openid")[0].digest
    )


def test_a_ring_gives_the_newest_digest_first_and_the_older_ones_to_search_for() -> None:
    found = BlindIndex([FRESH, OLD]).digests("o", "openid")
    assert [one.key_id for one in found] == ["i2", "i1"]
    assert found[1:] == index.digests("o", "openid")


def test_the_digest_is_hmac_sha256_of_purpose_and_value() -> None:
    expected = hmac.new(OLD.key, b"openid:wx1\x00oABC", hashlib.sha256).hexdigest()
    assert index.digests("oABC", "openid:wx1")[0].digest == expected
