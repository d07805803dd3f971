"""Secrets by their value: what is leak_guard is found, in every way that a text may write it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.vault.leak_guard import MAX_TRACKED, MIN_LENGTH, LeakGuard

APPID = "wx0123456789abcdef"
SECRET = "a3f0c61d8b2e4795a3f0c61d8b2e4795"
TOKEN = "57_" + "Ab9-_" * 25

session_keys = st.binary(min_size=16, max_size=16).map(lambda raw: base64.b64encode(raw).decode())
texts = st.text(max_size=50)
# An escape that the text ends with would make the key's first letters another character.
whole = texts.filter(lambda text: not set(text) & {"%", "\\"})


@pytest.fixture
def leak_guard() -> Iterator[LeakGuard]:
    """Secrets of nobody else."""
    secrets = LeakGuard()
    secrets.end_request()  # those of tests before this one, in the same thread
    yield secrets
    secrets.end_request()


def escaped(text: str) -> str:
    """JSON as some write it: `/` and all that is no letter or digit escaped."""
    return "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text)


def test_nothing_is_found_where_nothing_is_held(leak_guard: LeakGuard) -> None:
    assert leak_guard.find(f"{SECRET} {TOKEN}") is None
    assert list(leak_guard) == []


def test_an_app_s_secrets_are_found_by_their_kind(leak_guard: LeakGuard) -> None:
    leak_guard.register("AppSecret", APPID, SECRET)
    leak_guard.register("access_token", APPID, TOKEN)
    assert leak_guard.find(f"x{SECRET}y") == "AppSecret"
    assert leak_guard.find(f"x{TOKEN}y") == "access_token"
    assert leak_guard.find(SECRET[:-1]) is None
    assert list(leak_guard) == [("AppSecret", SECRET), ("access_token", TOKEN)]


def test_the_latest_takes_the_place_of_the_one_before(leak_guard: LeakGuard) -> None:
    leak_guard.register("access_token", APPID, TOKEN)
    leak_guard.register("access_token", APPID, TOKEN[::-1])
    leak_guard.register("access_token", "wxffffffffffffffff", SECRET)
    assert [value for _, value in leak_guard] == [TOKEN[::-1], SECRET]


@pytest.mark.parametrize("value", ["", "x" * (MIN_LENGTH - 1)])
def test_a_value_that_stands_in_any_text_is_not_held(leak_guard: LeakGuard, value: str) -> None:
    leak_guard.register("AppSecret", APPID, value)
    assert leak_guard.find(f"an answer {value}") is None


def test_a_value_of_16_characters_is_held(leak_guard: LeakGuard) -> None:
    assert MIN_LENGTH == 16
    leak_guard.register("AppSecret", APPID, "a3f0c61d8b2e4795")
    leak_guard.track("HyVFkGl5F5OQWJZZ", "F5OQWJZZaNzBBg=")
    assert leak_guard.find("a3f0c61d8b2e4795") == "AppSecret"
    assert leak_guard.find("HyVFkGl5F5OQWJZZ") == "session_key"
    assert leak_guard.find("F5OQWJZZaNzBBg=") is None


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
    leak_guard = LeakGuard()
    leak_guard.track(key)
    assert callable(written)
    assert leak_guard.find(before + written(key) + after) == "session_key"
    leak_guard.end_request()
    assert leak_guard.find(key) is None


def test_only_the_latest_session_keys_are_held(leak_guard: LeakGuard) -> None:
    keys = [base64.b64encode(bytes([n] * 16)).decode() for n in range(MAX_TRACKED + 1)]
    leak_guard.track(*keys)
    assert leak_guard.find(keys[0]) is None
    assert list(leak_guard) == [("session_key", key) for key in keys[1:]]


def test_a_request_s_session_keys_are_its_own(leak_guard: LeakGuard) -> None:
    leak_guard.track("D1ZWEygStjuLCnZ9IN2l4Q==")
    seen: list[str | None] = []
    other = threading.Thread(
        target=lambda: seen.append(leak_guard.find("D1ZWEygStjuLCnZ9IN2l4Q=="))
    )
    other.start()
    other.join()
    assert seen == [None]


def test_the_one_secret_that_is_told_is_let_through_until_the_request_ends(
    leak_guard: LeakGuard,
) -> None:
    leak_guard.register("AppSecret", APPID, SECRET)
    leak_guard.register("access_token", APPID, TOKEN)
    leak_guard.allow(TOKEN)
    assert leak_guard.find(TOKEN) is None
    assert leak_guard.find(f"{TOKEN} {SECRET}") == "AppSecret"
    assert ("access_token", TOKEN) in list(leak_guard)
    leak_guard.end_request()
    assert leak_guard.find(TOKEN) == "access_token"
