"""Tokens: one form, one signature, nothing readable, no store."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from wxlogin.sessions import TokenRef, Tokens
from wxlogin.sessions import tokens as tokens_module
from wxlogin.sessions.errors import TokenInvalid, TokenMalformed
from wxlogin.sessions.tokens import ADMIN, csrf_token, new_public_id, signing_key

OLD = "Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA"
FRESH = "n4Kq8Wc2Rz6Jv0Xf5Ty9Bm3Hd7Lp1Gs-"
URLSAFE = string.ascii_letters + string.digits + "-_"

tokens = Tokens([OLD])


def refused(token: str, by: Tokens = tokens) -> bool:
    """Return whether `verify` raises TokenInvalid; any other exception fails the test."""
    try:
        by.verify(token)
    except TokenInvalid:
        return True
    return False


def test_a_token_refers_to_the_session_it_was_made_for() -> None:
    public_id = new_public_id()
    token, ref = tokens.mint(public_id)
    assert ref.owner == public_id
    assert tokens.verify(token) == ref
    assert tokens.peek(token) == ref


def test_a_token_has_the_documented_form() -> None:
    """`wxs_`, 16 bytes of public id and 32 of secret, a dot, the signature."""
    public_id = new_public_id()
    token, _ = tokens.mint(public_id)
    form = re.fullmatch(r"wxs_([A-Za-z0-9_-]{64})\.([A-Za-z0-9_-]{43})", token)
    assert form
    body = base64.urlsafe_b64decode(form[1])
    assert len(body) == 48
    assert body[:16] == base64.urlsafe_b64decode(public_id + "==")


def test_tokens_of_one_user_share_nothing_but_the_public_id() -> None:
    public_id = new_public_id()
    made = [tokens.mint(public_id) for _ in range(100)]
    assert len({token for token, _ in made}) == 100
    assert len({ref.sid for _, ref in made}) == 100
    assert {ref.owner for _, ref in made} == {public_id}


def test_a_session_id_cannot_be_turned_into_a_token() -> None:
    token, ref = tokens.mint(new_public_id())
    assert len(ref.sid) == 22
    assert ref.sid not in token


def test_public_ids_are_random_and_of_22_characters() -> None:
    seen = {new_public_id() for _ in range(1000)}
    assert len(seen) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", public_id) for public_id in seen)


# What is refused


@given(data=st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    token, ref = tokens.mint(new_public_id())
    assert tokens.verify(token) == ref
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != token[at]))
    assert refused(token[:at] + other + token[at + 1 :])


def test_a_signature_has_one_spelling() -> None:
    """The last letter has spare bits, and base64 readers take `+/` for `-_`."""
    token, ref = tokens.mint(new_public_id())
    assert tokens.verify(token) == ref
    for letter in set(URLSAFE) - {token[-1]}:
        assert refused(token[:-1] + letter)
    plain = token.removeprefix("wxs_").replace("-", "+").replace("_", "/")
    assert refused("wxs_" + plain) or "wxs_" + plain == token


@given(text=st.text(max_size=130))
def test_text_that_was_never_a_token_is_refused(text: str) -> None:
    assert refused(text)
    assert refused("wxs_" + text)
    assert tokens.peek(text) is None


@given(body=st.text(URLSAFE, min_size=64, max_size=64), tail=st.text(URLSAFE + ".", max_size=60))
def test_a_made_up_signature_is_refused(body: str, tail: str) -> None:
    assert refused(f"wxs_{body}.{tail}")
    assert refused(f"wxs_{body}{tail}"[:112].ljust(112, "."))


@given(cut=st.integers(1, 111))
def test_a_cut_or_lengthened_token_is_refused(cut: int) -> None:
    token, _ = tokens.mint(new_public_id())
    assert refused(token[:-cut])
    assert refused(token[cut:])
    assert refused(token + token[:cut])
    assert refused(token + "=" * cut)


@pytest.mark.parametrize("wrong", ["\u00e9", "\ud800", "\u4f60", "+", " ", "\x00"])
def test_a_character_that_no_token_has_is_a_mistake_and_no_forgery(wrong: str) -> None:
    token = tokens.mint(new_public_id())[0]
    for place in (4, 60, len(token) - 1):
        with pytest.raises(TokenMalformed):
            tokens.verify(token[:place] + wrong + token[place + 1 :])


class Counting(Tokens):
    """Counts how often a signature is verified."""

    verified = 0

    def _verify(self, token: str) -> TokenRef:
        self.verified += 1
        return super()._verify(token)


def test_a_signature_that_was_verified_lately_is_not_verified_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens_module, "REMEMBERED", 3)
    own = Counting([OLD])
    used, ref = own.mint(new_public_id())
    for _ in range(20):
        other, its_own = own.mint(new_public_id())
        assert (own.verify(other), own.verify(used)) == (its_own, ref)
    assert own.verified == 21


def test_a_refused_token_is_refused_again() -> None:
    forged, _ = Tokens([FRESH]).mint(new_public_id())
    for _ in range(3):
        assert refused(forged)


def test_what_is_remembered_of_verified_tokens_is_bounded_and_holds_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens_module, "REMEMBERED", 3)
    own = Tokens([OLD])
    made = [own.mint(new_public_id()) for _ in range(10)]
    assert [own.verify(token) for token, _ in made] == [ref for _, ref in made]
    remembered = [*own._verified._latest.items(), *own._verified._earlier.items()]
    assert len(remembered) <= 6
    held = repr(remembered) + repr([vars(ref) for _, ref in remembered])
    assert not [token for token, _ in made if token[4:60] in held or token[-43:] in held]


def test_a_token_of_another_key_is_refused() -> None:
    token, _ = Tokens([FRESH]).mint(new_public_id())
    assert refused(token)


PURPOSE = {"salt": "wxlogin.session.v1", "key_derivation": "hmac", "digest_method": hashlib.sha256}


def signed_by(signer: Signer) -> str:
    """A token whose body is sound."""
    token, _ = tokens.mint(new_public_id())
    return "wxs_" + signer.sign(token.removeprefix("wxs_").partition(".")[0]).decode()


def test_tokens_are_signed_by_itsdangerous_with_sha256_for_one_purpose() -> None:
    assert not refused(signed_by(Signer(OLD, **PURPOSE)))


@pytest.mark.parametrize(
    "signer",
    [
        Signer(OLD, **PURPOSE | {"salt": "wxlogin.admin.v1"}),
        Signer(OLD, **PURPOSE | {"key_derivation": "django-concat"}),
        Signer(OLD, **PURPOSE | {"digest_method": hashlib.sha1}),
        Signer(OLD),
    ],
    ids=["salt", "derivation", "digest", "defaults"],
)
def test_a_signature_for_another_purpose_is_refused(signer: Signer) -> None:
    assert refused(signed_by(signer))


def test_no_token_is_no_fault_for_a_peek() -> None:
    assert tokens.peek(None) is None
    assert tokens.peek("") is None


# The ring


def test_the_newest_key_signs_and_every_key_verifies() -> None:
    before, _ = tokens.mint(new_public_id())
    ring = Tokens([FRESH, OLD])
    after, _ = ring.mint(new_public_id())
    assert not refused(before, ring)
    assert not refused(after, Tokens([FRESH]))
    assert refused(after, tokens)


def test_a_key_that_left_the_ring_verifies_nothing() -> None:
    before, _ = tokens.mint(new_public_id())
    assert refused(before, Tokens([FRESH]))


def test_a_reference_keeps_the_key_that_signed() -> None:
    ring = Tokens([FRESH, OLD])
    before, _ = tokens.mint(new_public_id())
    after, _ = ring.mint(new_public_id())
    assert ring.verify(before).ring_key == OLD.encode()
    assert ring.verify(after).ring_key == FRESH.encode()


def test_a_reference_shows_no_key() -> None:
    _, ref = tokens.mint(new_public_id())
    assert OLD not in f"{ref!r} {ref}"
    assert ref.sid in repr(ref)


# Keys for signed requests


def test_each_session_signs_with_a_key_of_its_own() -> None:
    public_id = new_public_id()
    _, first = tokens.mint(public_id)
    _, second = tokens.mint(public_id)
    assert len(signing_key(first)) == 32
    assert signing_key(first) != signing_key(second)
    assert signing_key(first) == signing_key(TokenRef(public_id, first.sid, OLD.encode()))


def test_each_key_of_the_ring_derives_another_signing_key() -> None:
    _, ref = tokens.mint(new_public_id())
    assert signing_key(ref) != signing_key(replace(ref, ring_key=FRESH.encode()))


def test_a_signing_key_outlives_a_rotation() -> None:
    token, ref = tokens.mint(new_public_id())
    assert signing_key(Tokens([FRESH, OLD]).verify(token)) == signing_key(ref)


def test_the_pages_of_a_session_have_a_csrf_token_of_their_own() -> None:
    public_id = new_public_id()
    token, first = tokens.mint(public_id)
    _, second = tokens.mint(public_id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", csrf_token(first))
    assert csrf_token(first) == csrf_token(tokens.verify(token))
    assert csrf_token(first) != csrf_token(second)
    assert csrf_token(first) != csrf_token(replace(first, ring_key=FRESH.encode()))
    signing = base64.urlsafe_b64encode(signing_key(first)).decode().rstrip("=")
    assert csrf_token(first) != signing


def test_keys_derived_from_a_token_stay_the_same_between_versions() -> None:
    """Other hosts and clients hold them."""
    ref = TokenRef("a" * 22, "b" * 22, OLD.encode())
    signing, csrf = (
        hmac.digest(hmac.digest(OLD.encode(), purpose, "sha256"), b"b" * 22, "sha256")
        for purpose in (b"wxlogin.request-signing.v1", b"wxlogin.csrf.v1")
    )
    assert signing_key(ref) == signing
    assert base64.urlsafe_b64decode(csrf_token(ref) + "=") == csrf


def test_a_token_of_one_kind_is_invalid_as_another() -> None:
    admins = Tokens([OLD], ADMIN)
    token, _ = admins.mint(new_public_id())
    assert token.startswith("wxo_")
    signer = Signer(OLD, **PURPOSE | {"salt": "wxlogin.admin.v1"})
    assert token == "wxo_" + signer.sign(token[4:].partition(".")[0]).decode()
    assert not refused(token, admins)
    assert refused(token)
    assert refused("wxs_" + token.removeprefix("wxo_"))
    assert refused("wxo_" + tokens.mint(new_public_id())[0].removeprefix("wxs_"), admins)
