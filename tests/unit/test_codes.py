"""Codes of WeChat: the first request that sends one may use it."""

from __future__ import annotations

import secrets

import pytest
from redis import Redis

from tests.harness.crowd import together
from tests.unit.slots import Slots
from wxlogin.redisdb import Scripts
from wxlogin.sessions import CodeMarks
from wxlogin.sessions.errors import CodeUsed

APPID, OTHER = "wx0123456789abcdef", "wxffffffffffffffff"


@pytest.fixture
def marks(scripts: Scripts) -> CodeMarks:
    """The marks of codes."""
    return CodeMarks(scripts)


@pytest.fixture
def code() -> str:
    """A code that was never sent."""
    return secrets.token_hex(16)


def test_a_code_is_claimed_once(marks: CodeMarks, code: str) -> None:
    marks.claim(APPID, code)
    for _ in range(2):
        with pytest.raises(CodeUsed):
            marks.claim(APPID, code)


def test_of_many_requests_at_once_one_claims_the_code(marks: CodeMarks, code: str) -> None:
    def claims() -> bool:
        try:
            marks.claim(APPID, code)
        except CodeUsed:
            return False
        return True

    assert sum(together([claims] * 16)) == 1


def test_codes_of_other_apps_and_other_calls_are_other_codes(marks: CodeMarks, code: str) -> None:
    marks.claim(APPID, code)
    marks.claim(OTHER, code)
    marks.claim(APPID, code, "phone")
    with pytest.raises(CodeUsed):
        marks.claim(APPID, code, "login")


def test_a_released_code_can_be_claimed_again(marks: CodeMarks, code: str) -> None:
    marks.release(marks.claim(APPID, code))
    marks.claim(APPID, code)


def test_a_claim_that_another_request_took_over_is_not_released(
    marks: CodeMarks, code: str
) -> None:
    first = marks.claim(APPID, code)
    marks.release(first)
    marks.claim(APPID, code)
    marks.release(first)
    with pytest.raises(CodeUsed):
        marks.claim(APPID, code)


def test_a_mark_holds_ten_minutes_and_not_the_code(
    marks: CodeMarks, code: str, slots: Slots, redis: Redis
) -> None:
    claim = marks.claim(APPID, code)
    assert slots.seconds_left(claim.key) == 600
    assert code not in claim.key
    assert redis.get(claim.key) == claim.owner
    assert len(claim.owner) == 16
