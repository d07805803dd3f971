"""Answers to whoever asks for a list: a page of it as JSON, or all of it as a file."""

from __future__ import annotations

from typing import TypeVar

from flask import Response
from pydantic import BaseModel

from wxlogin.admin.csv_lists import CsvList, Read, csv_list, wants_csv
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.admin.paging import PageQuery
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.responses import answer
from wxlogin.services import Watch

Item = TypeVar("Item", bound=BaseModel)


def list_answer(
    listed: CsvList[Item], query: PageQuery, read: Read[Item], watch: Watch, rates: RateLimits
) -> Response:
    """Return a page of a list; all that the query asks for, as CSV, to a caller who prefers it."""
    if wants_csv():
        return csv_list(listed, query, read, watch, rates, current_requester())
    return answer(read(query.limit, query.position(*listed.position)).page())


def list_file(
    listed: CsvList[Item], query: PageQuery, read: Read[Item], watch: Watch, rates: RateLimits
) -> Response:
    """Return all that a page of the console lists as CSV, for people."""
    return csv_list(listed, query, read, watch, rates, current_requester(), for_people=True)
