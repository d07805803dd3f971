"""A refusal, as an exception: the row of the error catalogue that it carries, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["relogin", "prompt", "reauthorize", "retry", "fix", "contact"]


@dataclass(frozen=True)
class Entry:
    """One row of the catalogue. `detail` tells the caller what to do; `retry_after` is seconds."""

    code: str
    status: int
    action: Action
    title: str
    detail: str
    retry_after: int | None = None


class ApiError(Exception):
    """A refusal. `detail` and `action` may be narrower than the catalogue's, never secret."""

    def __init__(
        self,
        entry: Entry,
        detail: str = "",
        *,
        action: Action | None = None,
        fields: Sequence[tuple[str, str]] = (),
        members: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(entry.code)
        self.entry = entry
        self.detail = detail or entry.detail
        self.action = action or entry.action
        self.fields = tuple(fields)
        self.members = dict(members or {})
        after = entry.retry_after if retry_after is None else retry_after
        self.retry_after = after if self.action == "retry" else None

    @property
    def said(self) -> str:
        """What is wrong, for readers who do not see the document: the fields, else the detail."""
        return "; ".join(f"{name} {why}" for name, why in self.fields) or self.detail

    def document(
        self,
        request_id: str,
        said: tuple[str, str] | None = None,
        reasons: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Return the problem+json object (RFC 9457) that the caller gets.

        `said` is its title and detail in the caller's language, `reasons` why each of its fields is
        refused; English otherwise.
        """
        title, detail = said or (self.entry.title, self.detail)
        document = {
            "type": f"urn:wxlogin:error:{self.entry.code}",
            "title": title,
            "status": self.entry.status,
            "detail": detail,
            "code": self.entry.code,
            "action": self.action,
            "request_id": request_id,
            **self.members,
        }
        if self.fields:
            names, english = zip(*self.fields, strict=True)
            document["errors"] = [
                {"field": name, "reason": why}
                for name, why in zip(names, reasons or english, strict=True)
            ]
        return document
