"""What goes in and out of the search for anything."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wxlogin.admin.users.schemas import TimelineItem
from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.sessions.causes import Why

Query = Annotated[str, TextPattern(r"[^\x00-\x1f\x7f]{1,128}", "1 to 128 characters")]


class FindBody(Body):
    """A whole id, phone number or address; parts find nothing."""

    q: Query


Kind = Literal["user", "session", "request", "address", "app"]
By = Literal["id", "openid", "phone", "external_id"]


class FindItem(BaseModel):
    """One thing that the text means; what does not belong to its `kind` is null."""

    kind: Kind
    id: str = Field(description="Public id, session id, request id, address, or appid.")
    found_by: By | None = Field(None, description="What the text is of a user.")
    user: str | None = Field(None, description="The user, or whose session it is.")
    app: str | None = Field(None, description="The user's mini-program.")
    name: str | None = Field(None, description="Of a mini-program.")
    banned: bool | None = Field(None, description="Whether a ban of the user is in force.")
    live: bool | None = Field(None, description="Whether the session lives.")
    why: Why | None = Field(None, description="Why the session ended.")
    region: str | None = Field(None, description="Where the address is.")
    users: list[str] | None = Field(
        None, description="Whom a request concerned, or who signed in from an address lately."
    )
    story: list[TimelineItem] | None = Field(
        None, description="What is on record of a session, a request or an address, newest first."
    )


class FindAnswer(BaseModel):
    """What the text means; empty if nothing of it is known."""

    items: list[FindItem]


class KeptItem(BaseModel):
    """What is kept of an item for its page: enough to look it up again, nothing of its user."""

    kind: Kind
    id: str
    found_by: By | None = None


class KeptAnswer(BaseModel):
    """What a search found, as it is kept."""

    items: list[KeptItem]
