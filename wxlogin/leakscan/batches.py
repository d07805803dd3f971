"""Items in batches of about one size, for one process or one call each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def batches(
    items: Iterable[Item],
    length: Callable[[Item], int],
    most_bytes: int,
    most_items: int = sys.maxsize,
) -> Iterator[list[Item]]:
    """Yield the items in order; a batch ends once it reaches either limit."""
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += length(item)
        if size >= most_bytes or len(batch) >= most_items:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
