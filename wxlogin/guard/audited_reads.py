"""Reads of personal data, which the audit trail records: who looked at whom."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request

from wxlogin.guard.admin_gate import actor
from wxlogin.services import services

View = TypeVar("View", bound=Callable[..., Any])

EVERYBODY = "users"
"""The target of a list of many users, or of their sessions."""


def audited_read(act: str) -> Callable[[View], View]:
    """Record each successful call of a view: its target is the user of its path, if it has one.

    The answer is not given where the entry cannot be written. A list as CSV is an act of its own.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def recorded(*args: Any, **variables: Any) -> Any:
            answer = view(*args, **variables)
            if getattr(answer, "mimetype", "") == "text/csv":
                return answer
            user = (request.view_args or {}).get("id")
            services.watch.audit.record(actor(), act, f"user:{user}" if user else EVERYBODY)
            return answer

        recorded.reads = act  # type: ignore[attr-defined]
        return cast("View", recorded)

    return wrap
