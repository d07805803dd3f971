"""The types of what Redis replies. A reply of another shape is a fault of the store."""

from __future__ import annotations

from typing import TypeAlias, cast

from redis.exceptions import RedisError

Reply: TypeAlias = "str | int | list[Reply] | None"
"""What a script returns: text, an integer, nil, or an array of these."""

TEXT_ALONE = {str}

Result: TypeAlias = "Reply | RedisError"
"""What one command of a round trip brings: its reply, or the error with which Redis refused it."""


class UnexpectedReply(RedisError):
    """Redis, or a proxy in front of it, gave a reply that our scripts never give."""

    def __init__(self, expected: str) -> None:
        """Say what was `expected`; the reply itself is left out, it may contain personal data."""
        super().__init__(f"the reply is not {expected}")


def integer(reply: Reply) -> int:
    """Return an integer, also where a script wrote it as text; UnexpectedReply for another type."""
    if isinstance(reply, int):
        return reply
    try:
        return int(text(reply))
    except ValueError:
        raise UnexpectedReply("an integer") from None


def integers(reply: Reply) -> list[int]:
    """Return an array of integers; UnexpectedReply for another type."""
    return [integer(item) for item in array(reply)]


def text(reply: Reply) -> str:
    """Return text; UnexpectedReply for another type."""
    if not isinstance(reply, str):
        raise UnexpectedReply("text")
    return reply


def texts(reply: Reply) -> list[str]:
    """Return an array of texts; UnexpectedReply for another type."""
    items = array(reply)
    if not set(map(type, items)) <= TEXT_ALONE:
        raise UnexpectedReply("an array of texts")
    return cast("list[str]", items)


def array(reply: Reply) -> list[Reply]:
    """Return an array; UnexpectedReply for another type."""
    if not isinstance(reply, list):
        raise UnexpectedReply("an array")
    return reply


def optional_text(reply: Reply) -> str | None:
    """Return text, or None for nil; UnexpectedReply for another type."""
    return None if reply is None else text(reply)
