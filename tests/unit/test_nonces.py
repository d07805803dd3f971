"""Nonces: good once per session, also where an answer was lost."""

from __future__ import annotations

import re

import pytest

from tests.harness.crowd import together
from tests.harness.owner import TOKENS
from tests.unit.slots import Slots
from wxlogin.redisdb import Scripts, keys
from wxlogin.sessions import Nonces, TokenRef
from wxlogin.sessions.errors import NonceReplayed
from wxlogin.sessions.tokens import new_public_id

ONCE = "a-nonce-of-16-chars"


def passes(nonces: Nonces, ref: TokenRef) -> bool:
    """Whether the session's nonce is good."""
    try:
        nonces.consume(ref, ONCE)
    except NonceReplayed:
        return False
    return True


def test_a_nonce_is_good_once(scripts: Scripts) -> None:
    nonces, ref = Nonces(scripts), TOKENS.mint(new_public_id())[1]
    assert [passes(nonces, ref) for _ in range(3)] == [True, False, False]


def test_of_many_at_once_one_is_good(scripts: Scripts) -> None:
    nonces, ref = Nonces(scripts), TOKENS.mint(new_public_id())[1]
    assert sum(together([lambda: passes(nonces, ref)] * 16)) == 1


def test_another_session_of_the_same_user_may_use_it_too(scripts: Scripts) -> None:
    nonces, public_id = Nonces(scripts), new_public_id()
    assert all(passes(nonces, TOKENS.mint(public_id)[1]) for _ in range(2))


@pytest.mark.parametrize(("second", "good"), [("own", 1), ("another's", 0)])
def test_what_is_sent_again_after_a_lost_answer_finds_its_own(
    scripts: Scripts, second: str, good: int
) -> None:
    key = keys.nonce(new_public_id(), "digest")
    assert scripts.call_once("spend", [key], "own", 60_000) == 1
    assert scripts.call_once("spend", [key], second, 60_000) == good


def test_a_nonce_is_stored_by_its_digest_until_no_timestamp_of_it_is_accepted(
    scripts: Scripts, slots: Slots
) -> None:
    nonces, ref = Nonces(scripts), TOKENS.mint(new_public_id())[1]
    nonces.consume(ref, ONCE)
    (name,) = slots.names(ref.owner)
    assert slots.seconds_left(name) == 660
    assert re.fullmatch("[0-9a-f]{32}", name.removeprefix(keys.nonce(ref.owner, "")))
