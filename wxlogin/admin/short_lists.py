"""Lists that are short enough to be read whole: admins, API tokens, mini-programs, webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import BaseModel

from wxlogin.admin.filters import Ordered
from wxlogin.admin.paging import PageQuery, Part, Position, part, row_id

Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)


class ShortQuery(PageQuery, Ordered):
    """Selects a page of a short list."""


def part_of(
    rows: Iterable[Row],
    query: Ordered,
    limit: int,
    after: Position | None,
    item: Callable[[Row], Item],
    number: Callable[[Row], int],
) -> Part[Item]:
    """Return up to `limit` of all these rows in the query's order, which is that of `number`."""
    sign = 1 if query.order == "oldest" else -1
    ordered = sorted(rows, key=lambda row: sign * number(row))
    behind = row_id(after)
    if behind is not None:
        ordered = [row for row in ordered if sign * number(row) > sign * behind]
    return part(ordered, limit, item, lambda row: (number(row),))
