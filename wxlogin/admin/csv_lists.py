"""Lists as CSV: streamed page by page, charged, and one act of the audit trail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from flask import Response, current_app, request, stream_with_context
from pydantic import BaseModel

from wxlogin.admin.lookup_limits import Requester, hit_lookup_limit
from wxlogin.admin.paging import PageQuery, Part, Position
from wxlogin.guard.request_context import request_info
from wxlogin.guard.response_hooks import block_secrets
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.services import Watch

Item = TypeVar("Item", bound=BaseModel)
Read = Callable[[int, Position | None], Part[Item]]
"""Reads up to so many items of a list, behind a position."""

MIMETYPE = "text/csv"
STEP = 200
"""Rows that are in memory at once."""
BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, wide characters too."""
PERSONAL = frozenset({"address", "subject"})
"""Filters whose values the trail does not keep."""


@dataclass(frozen=True)
class CsvList(Generic[Item]):
    """A list that can be had as CSV: its name, its act in the trail, and what its items are.

    `target` is what the trail says the act was on; without one, the list.
    """

    name: str
    act: str
    item: type[Item]
    position: tuple[type[int] | type[str], ...] = (int,)
    target: str = ""


def wants_csv() -> bool:
    """Return whether the caller prefers CSV to JSON."""
    best = request.accept_mimetypes.best_match(["application/json", MIMETYPE])
    return bool(best == MIMETYPE)


def csv_list(
    listed: CsvList[Item],
    query: PageQuery,
    read: Read[Item],
    watch: Watch,
    rates: RateLimits,
    who: Requester,
    *,
    for_people: bool = False,
) -> Response:
    """Return all that the query asks for, or the `limit` of it that it names, as CSV.

    RATE_LIMITED over the limit of `who`. A file `for_people` begins with a byte-order mark:
    without one, Excel reads UTF-8 as the code page of the machine, which in China is GBK.
    """
    hit_lookup_limit(rates, watch.recorder, "export", who)
    beginning = BYTE_ORDER_MARK if for_people else ""
    texts = _safe(_audited(listed, query, read, watch, who), watch, beginning)
    first = next(texts)  # a store that is out is told in the status, not in the middle of a file
    headers = {
        "Content-Disposition": f'attachment; filename="{listed.name}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(
        stream_with_context(_again(first, texts)),
        mimetype=MIMETYPE,
        headers=headers,
        direct_passthrough=True,
    )


def _again(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _safe(texts: Iterator[str], watch: Watch, beginning: str) -> Iterator[bytes]:
    """Yield the texts; as for any answer, none that has a secret in it."""
    info = request_info()
    for text in texts:
        block_secrets(watch.recorder, info, text)
        yield (beginning + text).encode()
        beginning = ""


def _audited(
    listed: CsvList[Item], query: PageQuery, read: Read[Item], watch: Watch, who: Requester
) -> Iterator[str]:
    """Yield the lines of the file, some at a time; the trail says how many items there were."""
    asked = {"filters": _told(query)}
    after = query.position(*listed.position)
    left = query.limit if "limit" in query.model_fields_set else None
    columns = _columns(listed.item)
    lines = [list(columns)]
    target = listed.target or listed.name
    with watch.audit.act(who.actor, listed.act, target, detail=asked) as act:
        act.detail |= {**asked, "rows": 0}
        while True:
            # A context of its own, so that no connection is held while the reader is slow.
            with current_app.app_context():
                found = read(STEP if left is None else min(STEP, left), after)
            lines += [_cells(item, columns) for item in found.items]
            act.detail["rows"] += len(found.items)
            yield _formatted(lines)
            lines, after = [], found.last
            left = None if left is None else left - len(found.items)
            if after is None or left == 0:
                return


def _told(query: PageQuery) -> dict[str, Any]:
    """Return the filters as the trail keeps them."""
    given = query.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"})
    return {name: "given" if name in PERSONAL else value for name, value in given.items()}


def _columns(item: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """Return the columns by name, each with the way to its value; an inner model has several."""
    found: dict[str, tuple[str, ...]] = {}
    for name, field in item.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        inner = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
        for model in inner:
            found |= {f"{name}_{part}": (name, part) for part in model.model_fields}
        if not inner:
            found[name] = (name,)
    return found


def _cells(item: BaseModel, columns: Mapping[str, tuple[str, ...]]) -> list[str]:
    values = item.model_dump(mode="json")
    return [_cell(_value(values, way)) for way in columns.values()]


def _value(values: Any, way: Iterable[str]) -> Any:
    for name in way:
        values = None if values is None else values[name]
    return values


def _cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"'{value}" if value.startswith(FORMULA) else value


def _formatted(lines: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
