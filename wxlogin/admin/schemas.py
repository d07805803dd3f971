"""What several subjects of the admin API take and answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, model_validator

from wxlogin.guard.bodies import Body


class NoBody(Body):
    """A call that takes no fields."""

    @model_validator(mode="before")
    @classmethod
    def _no_body(cls, value: Any) -> Any:
        return {} if value is None else value


class ById(BaseModel):
    """What is meant, by its public id."""

    id: str = Field(max_length=64)


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int
