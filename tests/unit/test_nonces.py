"""Nonces: good once per session, also where an answer was lost."""

from __future__ import annotations

import pytest

from tests.harness.crowd import together
from tests.harness.owner import TOKENS
from wxlogin.errors import ApiError
from wxlogin.sessions import Nonces, Scripts, TokenRef, keys
from wxlogin.sessions.tokens import random_tag

ONCE = "a-nonce-of-16-chars"


def passes(nonces: Nonces, ref: TokenRef) -> bool:
    """Whether the session's nonce is good."""
    try:
        nonces.spend(ref, ONCE)
    except ApiError as refused:
        return refused.entry.code != "REQUEST_REPLAYED"
    return True


def test_a_nonce_is_good_once(scripts: Scripts) -> None:
    nonces, ref = Nonces(scripts), TOKENS.mint(random_tag())[1]
    assert [passes(nonces, ref) for _ in range(3)] == [True, False, False]


def test_of_many_at_once_one_is_good(scripts: Scripts) -> None:
    nonces, ref = Nonces(scripts), TOKENS.mint(random_tag())[1]
    assert sum(together([lambda: passes(nonces, ref)] * 16)) == 1


def test_another_session_of_the_same_user_may_use_it_too(scripts: Scripts) -> None:
    nonces, tag = Nonces(scripts), random_tag()
    assert all(passes(nonces, TOKENS.mint(tag)[1]) for _ in range(2))


@pytest.mark.parametrize(("second", "good"), [("own", 1), ("another's", 0)])
def test_what_is_sent_again_after_a_lost_answer_finds_its_own(
    scripts: Scripts, second: str, good: int
) -> None:
    key = keys.nonce(random_tag(), "digest")
    assert scripts.run("spend", [key], "own", 60_000) == 1
    assert scripts.run("spend", [key], second, 60_000) == good
