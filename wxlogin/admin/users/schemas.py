"""What goes in and out of the calls on users."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import AppFilter, TimeRange
from wxlogin.admin.times import Moment
from wxlogin.guard.bodies import Body, Formed, visible

Reason = Annotated[str, visible("{1,200}", "1 to 200 characters")]
MaskedId = Annotated[str | None, Field(description="Masked; POST users/{id}/reveal tells it.")]
MaskedPhone = Annotated[str | None, Field(description="Masked, such as 138****5678.")]


class BanBody(Body):
    """Why a user is banned, and until when; left out it is for ever."""

    reason: Reason
    until: Moment | None = None


class RevealBody(Body):
    """Why somebody needs to see it."""

    reason: Reason


class SearchBody(Body):
    """Exactly one of these; compared whole, never in part."""

    id: Annotated[str, Formed(r"[\x21-\x7e]{1,64}", "a user's id")] | None = None
    openid: Annotated[str, Formed(r"[\x21-\x7e]{1,128}", "an openid")] | None = None
    phone: (
        Annotated[str, Formed(r"[^\x00-\x1f\x7f]{4,40}", "a phone number as people write it")]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_alone(self) -> SearchBody:
        if len(self.model_fields_set) != 1 or not self.model_dump(exclude_none=True):
            raise ValueError("should have exactly one of id, openid and phone")
        return self


class UserQuery(TimeRange):
    """Which users are meant; `since` and `until` bound when they first signed in."""

    app: AppFilter = None
    banned: bool | None = Field(
        None, description="Users whose ban holds alone, or those who may sign in alone."
    )


class BanShown(BaseModel):
    """A ban that holds; `until` null is for ever."""

    reason: str
    until: str | None


class UserItem(BaseModel):
    """A user, as lists show them."""

    id: str
    app: str
    openid: MaskedId
    phone: MaskedPhone
    ban: BanShown | None
    created_at: str
    last_login_at: str


USERS = CsvList("users", "user.export_list", UserItem)


class LinkedUser(BaseModel):
    """A user of the same person in another mini-program."""

    id: str
    app: str


class UserAnswer(UserItem):
    """One user."""

    unionid: MaskedId
    profile: dict[str, Any] | None = Field(description="The nickname masked, without the picture.")
    region: str | None = Field(description="Where the latest login came from.")
    devices: int = Field(description="How many sessions live.")
    linked: list[LinkedUser]


class LoginItem(BaseModel):
    """A login of the history."""

    id: str
    at: str
    session: str
    ip: str
    region: str | None
    platform: str
    device_name: str | None


class Revealed(BaseModel):
    """The data that other calls mask."""

    openid: str | None
    unionid: str | None
    phone: str | None


class KeyReset(BaseModel):
    """The lifetime of the new session_key in seconds."""

    expires_in: int


class Export(BaseModel):
    """All stored data of a user except WeChat's session_key."""

    exported_at: str
    user: dict[str, Any]
    sessions: list[dict[str, Any]]
    logins: list[LoginItem]
    events: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    acts: list[dict[str, Any]] = Field(description="What operators did; not who did it.")
