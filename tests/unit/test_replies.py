"""Replies of Redis: each has one type, and another shape is a fault of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wxlogin.redisdb import causes
from wxlogin.redisdb.replies import (
    Reply,
    UnexpectedReply,
    array,
    integer,
    integers,
    optional_text,
    text,
    texts,
)
from wxlogin.sessions import errors, replies
from wxlogin.sessions.live import _shard_reply
from wxlogin.sessions.replies import KeptKey, LiveReply, Row

SHAPES: list[Reply] = [
    None,
    7,
    "other",
    [],
    ["other"],
    ["created"],
    ["created", 7],
    ["blocked", "banned"],
    ["blocked", "banned", "soon"],
    ["full"],
    ["live", "0", [], 7],
    ["live", "x", [], []],
    ["live", "0", [], [], "more"],
    ["ended", 7],
    ["ended", "banned", "soon"],
    ["unknown", "more"],
    ["listed", [["sid"]]],
    ["listed", "rows"],
    ["lifted", "x"],
    ["undeclared-not"],
]
PARSERS = [
    replies.created,
    replies.live,
    replies.listed,
    replies.ended,
    replies.unblocked,
    _shard_reply,
]


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("reply", SHAPES, ids=str)
def test_a_reply_that_no_script_gives_is_a_fault_of_the_store(
    parse: Callable[[Reply], object], reply: Reply
) -> None:
    with pytest.raises(UnexpectedReply):
        parse(reply)


def test_an_unexpected_reply_means_that_redis_is_out_and_does_not_show_the_reply() -> None:
    with pytest.raises(UnexpectedReply) as fault:
        replies.live(["live", "personal data"])
    assert causes.cause_of(fault.value).state == "out"
    explained = causes.explain(fault.value)
    assert "gave a reply that wxlogin does not know" in explained
    assert "personal data" not in explained


@pytest.mark.parametrize(
    ("read", "reply", "value"),
    [
        (integer, 7, 7),
        (integer, "-7", -7),
        (integers, [1, "2"], [1, 2]),
        (text, "", ""),
        (texts, ["a", "b"], ["a", "b"]),
        (array, [None, 1], [None, 1]),
        (optional_text, None, None),
        (optional_text, "a", "a"),
    ],
)
def test_a_reply_reads_as_its_type(read: Any, reply: Reply, value: object) -> None:
    assert read(reply) == value


@pytest.mark.parametrize(
    ("read", "reply"),
    [
        (integer, None),
        (integer, "7.5"),
        (integer, []),
        (integers, 1),
        (integers, [None]),
        (text, None),
        (text, 7),
        (texts, "ab"),
        (texts, [1]),
        (array, "ab"),
        (optional_text, 7),
    ],
)
def test_a_reply_of_another_type_is_a_fault_of_the_store(read: Any, reply: Reply) -> None:
    with pytest.raises(UnexpectedReply):
        read(reply)


# What the scripts of a slot reply


def test_replies_of_a_slot_s_scripts_become_values() -> None:
    assert replies.created(["created", ["replaced:a", "evicted:b"]]) == (["a"], ["b"])
    assert replies.live(["live", "12", [1, 2], ["v", "1"]]) == LiveReply(12, [1, 2], ["v", "1"])
    assert replies.listed(["listed", [["a", ["v", "1"]]]]) == [Row("a", ["v", "1"])]
    assert replies.ended(["ended", ["a"]]) == ["a"]
    assert replies.unblocked(["lifted", 1]) == 1
    assert replies.undeclared(["undeclared", ["a"]]) == ["a"]
    assert replies.undeclared(["created", ["a"]]) == []
    assert replies.kept(["kept", "12", ["a"]]) == KeptKey(12, ["a"])


@pytest.mark.parametrize(
    ("parse", "reply", "error"),
    [
        (replies.created, ["full", 3], errors.DeviceLimitReached),
        (replies.created, ["blocked", "banned", "0"], errors.UserBanned),
        (replies.created, ["blocked", "erased", "0"], errors.UserErased),
        (replies.created, ["blocked", "app", "0"], errors.AppDisabled),
        (replies.live, ["unknown"], errors.SessionExpired),
        (replies.live, ["ended", "replaced", ""], errors.SessionReplaced),
        (replies.live, ["ended", "revoked", ""], errors.SessionRevoked),
        (replies.live, ["ended", "banned", "0"], errors.UserBanned),
    ],
)
def test_refusals_of_a_slot_s_scripts_become_errors(
    parse: Callable[[Reply], object], reply: Reply, error: type[errors.SessionError]
) -> None:
    with pytest.raises(errors.SessionError) as raised:
        parse(reply)
    assert type(raised.value) is error


def test_a_ban_says_until_when_also_to_callers() -> None:
    for reply, parse in (
        (["blocked", "banned", "4070908800000"], replies.created),
        (["ended", "banned", "4070908800000"], replies.live),
    ):
        with pytest.raises(errors.UserBanned) as raised:
            parse(reply)  # type: ignore[operator]
        assert raised.value.until == 4_070_908_800_000
        assert raised.value.members == {"until": "2099-01-01T00:00:00Z"}


def test_a_user_who_was_erased_is_told_to_log_in_with_another_code() -> None:
    assert errors.UserErased().detail == (
        "The user was erased while this login was under way. Log in again with another code."
    )
