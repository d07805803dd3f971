"""Pages of lists, newest first: `?limit=`, `?cursor=`, `{"items", "next"}`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from wxlogin import errors
from wxlogin.errors import ApiError
from wxlogin.guard.cursors import read_position, sign_position

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)

MAX_INTEGER = 2**62
"""Every database can store this much; a cursor may be of a program of another version."""

MAX_LIMIT = 200
"""The highest number of items on a page."""

Position = tuple[int | str, ...]
"""Where a page ended: the values of its last row that the list is ordered by."""


class PageQuery(BaseModel):
    """Selects a page of a list. A parameter that the list does not have is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="How many items at most.")
    cursor: str | None = Field(
        None, max_length=512, description="The `next` of the page before; left out for the first."
    )

    def position(self, *types: type[int] | type[str]) -> Position | None:
        """Return the position behind which the page starts, values of these types.

        None for the first page; INVALID_REQUEST for a cursor that is none of ours.
        """
        if self.cursor is None:
            return None
        position = _parse(self.cursor)
        if len(position) != len(types) or any(
            type(part) is not kind or (isinstance(part, int) and not 0 <= part < MAX_INTEGER)
            for part, kind in zip(position, types, strict=True)
        ):
            raise _invalid()
        return tuple(position)

    def before(self) -> int | None:
        """Return the row id below which the page of a list of rows starts, None for the first."""
        return row_id(self.position(int))


class Page(BaseModel, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after, null at the end."""

    items: list[Item]
    next: str | None


class Part(NamedTuple, Generic[Item]):
    """Items of a list, and the position after which others follow, None at the end."""

    items: list[Item]
    last: Position | None

    def page(self) -> Page[Item]:
        """Return these items as a page for the caller of the list."""
        return Page(items=self.items, next=cursor(self.last) if self.last else None)


def part(
    rows: Sequence[Row],
    limit: int,
    item: Callable[[Row], Item],
    position: Callable[[Row], Position],
) -> Part[Item]:
    """Return up to `limit` of these rows as items; one row more means that others follow."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Part([item(row) for row in shown], position(shown[-1]) if more else None)


def page(
    rows: Sequence[Row],
    limit: int,
    item: Callable[[Row], Item],
    position: Callable[[Row], Position],
) -> Page[Item]:
    """Return a page of up to `limit` of these rows; one row more means that others follow."""
    return part(rows, limit, item, position).page()


def row_id(position: Position | None) -> int | None:
    """Return the row id of a position that is one, None for none."""
    return int(position[0]) if position else None


def cursor(position: Position) -> str:
    """Encode a position for callers, to whom it is opaque; it is good for this list alone."""
    return sign_position(json.dumps(position, separators=(",", ":")).encode())


def _parse(text: str) -> list[Any]:
    """Return the position of a cursor that the list of the current request gave."""
    position = read_position(text)
    if position is None:
        raise _invalid()
    found: list[Any] = json.loads(position)
    return found


def _invalid() -> ApiError:
    return ApiError(errors.INVALID_REQUEST, fields=[("cursor", "should be the `next` of a page")])
