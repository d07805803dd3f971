"""What goes in and out of the calls on API tokens."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from wxlogin.guard.bodies import Body, Formed
from wxlogin.operators.permissions import Scope

TokenName = Annotated[
    str, Formed(r"[^\x00-\x1f\x7f]{1,64}", "1 to 64 characters, no control characters")
]


class NewTokenBody(Body):
    """A token to make: what it is for, and what it may do."""

    name: TokenName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=5)]


class TokenItem(BaseModel):
    """An API token, as the owners see it: the token itself is not kept."""

    id: str
    name: str
    scopes: list[Scope]
    made_by: str
    created_at: str
    last_used_at: str | None = Field(description="To the minute.")
    revoked_at: str | None


class NewToken(BaseModel):
    """A token that was made, shown this once."""

    token: str
    item: TokenItem
