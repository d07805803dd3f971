"""Secrets by their value: what is held is found, in every way that a text may write it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.vault.held import MOST_TOUCHED, SHORTEST, HeldSecrets

APPID = "wx0123456789abcdef"
SECRET = "a3f0c61d8b2e4795a3f0c61d8b2e4795"
TOKEN = "57_" + "Ab9-_" * 25

session_keys = st.binary(min_size=16, max_size=16).map(lambda raw: base64.b64encode(raw).decode())
texts = st.text(max_size=50)
# An escape that the text ends with would make the key's first letters another character.
whole = texts.filter(lambda text: not set(text) & {"%", "\\"})


@pytest.fixture
def held() -> Iterator[HeldSecrets]:
    """Secrets of nobody else."""
    secrets = HeldSecrets()
    secrets.forget_touched()  # those of tests before this one, in the same thread
    yield secrets
    secrets.forget_touched()


def escaped(text: str) -> str:
    """JSON as some write it: `/` and all that is no letter or digit escaped."""
    return "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text)


def test_nothing_is_found_where_nothing_is_held(held: HeldSecrets) -> None:
    assert held.found_in(f"{SECRET} {TOKEN}") is None
    assert list(held) == []


def test_an_app_s_secrets_are_found_by_their_kind(held: HeldSecrets) -> None:
    held.keep("AppSecret", APPID, SECRET)
    held.keep("access_token", APPID, TOKEN)
    assert held.found_in(f"x{SECRET}y") == "AppSecret"
    assert held.found_in(f"x{TOKEN}y") == "access_token"
    assert held.found_in(SECRET[:-1]) is None
    assert list(held) == [("AppSecret", SECRET), ("access_token", TOKEN)]


def test_the_latest_takes_the_place_of_the_one_before(held: HeldSecrets) -> None:
    held.keep("access_token", APPID, TOKEN)
    held.keep("access_token", APPID, TOKEN[::-1])
    held.keep("access_token", "wxffffffffffffffff", SECRET)
    assert [value for _, value in held] == [TOKEN[::-1], SECRET]


@pytest.mark.parametrize("value", ["", "x" * (SHORTEST - 1)])
def test_a_value_that_stands_in_any_text_is_not_held(held: HeldSecrets, value: str) -> None:
    held.keep("AppSecret", APPID, value)
    assert held.found_in(f"an answer {value}") is None


@given(key=session_keys, before=whole, after=texts)
@pytest.mark.parametrize(
    "written",
    [
        str,
        json.dumps,
        lambda key: key.replace("/", "\\/"),
        escaped,
        lambda key: json.dumps(escaped(key)),
        lambda key: json.dumps(key.replace("/", "\\/")),
        lambda key: quote(key, safe=""),
        lambda key: quote(quote(key, safe=""), safe=""),
    ],
)
def test_a_touched_session_key_is_found_however_it_is_written(
    written: object, key: str, before: str, after: str
) -> None:
    held = HeldSecrets()
    held.touch(key)
    assert callable(written)
    assert held.found_in(before + written(key) + after) == "session_key"
    held.forget_touched()
    assert held.found_in(key) is None


def test_only_the_latest_session_keys_are_held(held: HeldSecrets) -> None:
    keys = [base64.b64encode(bytes([n] * 16)).decode() for n in range(MOST_TOUCHED + 1)]
    held.touch(*keys)
    assert held.found_in(keys[0]) is None
    assert [value for _, value in held] == keys[1:]


def test_a_request_s_session_keys_are_its_own(held: HeldSecrets) -> None:
    held.touch("D1ZWEygStjuLCnZ9IN2l4Q==")
    seen: list[str | None] = []
    other = threading.Thread(target=lambda: seen.append(held.found_in("D1ZWEygStjuLCnZ9IN2l4Q==")))
    other.start()
    other.join()
    assert seen == [None]


def test_the_one_secret_that_is_told_is_let_through_until_the_request_ends(
    held: HeldSecrets,
) -> None:
    held.keep("AppSecret", APPID, SECRET)
    held.keep("access_token", APPID, TOKEN)
    held.tell(TOKEN)
    assert held.found_in(TOKEN) is None
    assert held.found_in(f"{TOKEN} {SECRET}") == "AppSecret"
    assert ("access_token", TOKEN) in list(held)
    held.forget_touched()
    assert held.found_in(TOKEN) == "access_token"
