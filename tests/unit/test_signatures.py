"""Signatures of requests: the contract's known answer, and that each part is covered."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.errors import ApiError
from wxlogin.guard.request_signing import (
    EMPTY_HASH,
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    Signature,
    Signed,
    body_hash,
    path_of,
    sign,
    signature_of,
)

KEY = base64.b64decode("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
NOW = 1_700_000_000
STAMP, ONCE = str(NOW), "abcdefghijklmnop"
CALL = Signed("POST", "/v1/logout?x=%E4%BD%A0&x=1", body_hash(b'{"scope":"all"}'))
KNOWN = "84a35aabd78f7cf42164e200b44ff8f916c0ab94b0007066acf662af02f5c9e1"
GIVEN = {TIMESTAMP: STAMP, NONCE: ONCE, SIGNATURE: KNOWN}

BYTES = st.characters(max_codepoint=255, exclude_characters="\n")
CALLS = st.builds(Signed, st.text(BYTES), st.text(BYTES), st.binary().map(body_hash))


def refusal(call: Callable[[], object]) -> str:
    """The code with which a call is refused."""
    with pytest.raises(ApiError) as refused:
        call()
    return refused.value.entry.code


def test_the_contract_s_known_answer() -> None:
    assert sign(KEY, CALL, STAMP, ONCE) == KNOWN


def test_an_empty_body_hashes_as_the_empty_string() -> None:
    assert EMPTY_HASH == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_headers_make_a_signature_that_holds() -> None:
    signature = signature_of(GIVEN)
    assert signature == Signature(STAMP, ONCE, KNOWN)
    signature.verify(KEY, CALL, NOW)


@given(key=st.binary(min_size=32, max_size=32), one=CALLS, other=CALLS)
def test_a_signature_holds_for_its_own_request_alone(
    key: bytes, one: Signed, other: Signed
) -> None:
    signature = Signature(STAMP, ONCE, sign(key, one, STAMP, ONCE))
    signature.verify(key, one, NOW)
    if one != other:
        assert refusal(lambda: signature.verify(key, other, NOW)) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.parametrize(
    "signature",
    [
        Signature(str(NOW + 1), ONCE, KNOWN),
        Signature(STAMP, ONCE.upper(), KNOWN),
        Signature(STAMP, ONCE, KNOWN[:-1] + "0"),
    ],
)
def test_every_header_is_covered(signature: Signature) -> None:
    assert refusal(lambda: signature.verify(KEY, CALL, NOW)) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.parametrize("skew", [-300, 0, 300])
def test_five_minutes_off_are_accepted(skew: int) -> None:
    Signature(STAMP, ONCE, KNOWN).verify(KEY, CALL, NOW + skew)


@pytest.mark.parametrize("skew", [-301, 301])
def test_more_is_expired_and_the_server_says_its_time(skew: int) -> None:
    with pytest.raises(ApiError) as refused:
        Signature(STAMP, ONCE, KNOWN).verify(KEY, CALL, NOW + skew)
    assert refused.value.entry.code == "REQUEST_EXPIRED"
    assert refused.value.members == {"server_time": NOW + skew}


def test_the_time_is_told_to_nobody_without_the_key() -> None:
    forged = Signature(STAMP, ONCE, "0" * 64)
    assert refusal(lambda: forged.verify(KEY, CALL, NOW + 999)) == "REQUEST_SIGNATURE_INVALID"


def test_without_any_header_there_is_no_signature() -> None:
    assert signature_of({}) is None


@pytest.mark.parametrize("missing", GIVEN)
def test_some_but_not_all_headers_are_no_signature(missing: str) -> None:
    some = {name: text for name, text in GIVEN.items() if name != missing}
    assert refusal(lambda: signature_of(some)) == "REQUEST_UNSIGNED"
    assert refusal(lambda: signature_of({missing: GIVEN[missing]})) == "REQUEST_UNSIGNED"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (TIMESTAMP, ""),
        (TIMESTAMP, "170000000"),
        (TIMESTAMP, "17000000000"),
        (TIMESTAMP, "1700000000000"),
        (TIMESTAMP, "+170000000"),
        (TIMESTAMP, "1700000000\n"),
        (TIMESTAMP, "1700000000.0"),
        (TIMESTAMP, "17000000\u00b2\u00b3"),
        (NONCE, "a" * 15),
        (NONCE, "a" * 65),
        (NONCE, "a" * 15 + "="),
        (NONCE, f"{ONCE},{ONCE}"),
        (SIGNATURE, KNOWN.upper()),
        (SIGNATURE, KNOWN[:-1]),
        (SIGNATURE, KNOWN + "0"),
    ],
)
def test_a_malformed_header_does_not_hold(header: str, text: str) -> None:
    malformed = {**GIVEN, header: text}
    assert refusal(lambda: signature_of(malformed)) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/v1/logout?b=2&a=%e4%BD%a0+#x", "/v1/logout?b=2&a=%e4%BD%a0+#x"),
        ("//v1/../v1/logout", "//v1/../v1/logout"),
        ("http://api.example.com/v1/logout?x=1", "/v1/logout?x=1"),
        ("HTTPS://user@[::1]:8443/v1//logout", "/v1//logout"),
        ("/v1/x?next=http://example.com/y", "/v1/x?next=http://example.com/y"),
        ("http://api.example.com?x=1", "?x=1"),
        ("", ""),
    ],
)
def test_the_path_is_signed_byte_for_byte(target: str, path: str) -> None:
    assert path_of(target) == path
