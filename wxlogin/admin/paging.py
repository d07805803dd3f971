"""Lists, newest first, a page at a time: `?limit=`, `?cursor=`, `{"items", "next"}`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from wxlogin import errors
from wxlogin.errors import ApiError

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

MOST = 2**62
"""Below what every database holds; cursors are opaque, but anybody can make one up."""

MOST_SHOWN = 200
"""Items on one page."""

Position = tuple[int | str, ...]
"""What a list was left at: what its rows are ordered by, of the last row."""


class PageQuery(BaseModel):
    """Which page of a list is meant."""

    limit: int = Field(50, ge=1, le=MOST_SHOWN, description="How many items at most.")
    cursor: str | None = Field(
        None, max_length=512, description="The `next` of the page before; left out for the first."
    )

    def position(self, *types: type[int] | type[str]) -> Position | None:
        """Where to go on, of these types; None for the first page, INVALID_REQUEST if it is odd."""
        if self.cursor is None:
            return None
        position = _read(self.cursor)
        if len(position) != len(types) or any(
            type(part) is not kind or (isinstance(part, int) and not 0 <= part < MOST)
            for part, kind in zip(position, types, strict=True)
        ):
            raise _odd()
        return tuple(position)


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after, null at the end."""

    items: list[Item]
    next: str | None


def page(
    rows: Sequence[Row],
    limit: int,
    item: Callable[[Row], Item],
    position: Callable[[Row], Position],
) -> Page[Item]:
    """The page of up to `limit` of these rows; give one row more where there is one."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[item(row) for row in shown],
        next=cursor(position(shown[-1])) if more else None,
    )


def cursor(position: Position) -> str:
    """A position as callers see it: opaque, and no promise of what is inside."""
    text = json.dumps(position, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read(text: str) -> list[Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _odd() from None
    if not isinstance(found, list):
        raise _odd()
    return found


def _odd() -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[("cursor", "should be the `next` of a page")])
