"""Filters that several lists take in their query."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from wxlogin.admin.paging import PageQuery
from wxlogin.admin.times import Moment
from wxlogin.guard.bodies import TextPattern


def word(length: int, looks: str) -> TextPattern:
    """Return the form of a filter that is compared whole: visible ASCII of a bounded length."""
    return TextPattern(rf"[\x21-\x7e]{{1,{length}}}", looks)


AppFilter = Annotated[
    Annotated[str, word(32, "an appid")] | None,
    Field(description="Of this mini-program alone, by its appid."),
]
UserFilter = Annotated[
    Annotated[str, word(22, "a user's id")] | None,
    Field(description="Of this user alone, by the public id."),
]


class Ordered(BaseModel):
    """Which of a list's items come first."""

    order: Literal["newest", "oldest"] = Field("newest", description="What comes first.")


class TimeRange(PageQuery):
    """Selects a page of what happened from `since` on and before `until`."""

    since: Moment | None = Field(None, description="From this time on; ISO 8601 with its zone.")
    until: Moment | None = Field(None, description="Before this time.")

    @field_validator("until")
    @classmethod
    def _after_since(cls, until: Moment | None, info: ValidationInfo) -> Moment | None:
        since = info.data.get("since")
        if until and since and until <= since:
            raise ValueError("should be later than since")
        return until
