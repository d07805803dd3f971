"""What goes in and out of the calls on users."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.filters import AppFilter, Ordered, TimeRange
from wxlogin.admin.times import Moment
from wxlogin.guard.bodies import Body, TextPattern, visible
from wxlogin.sessions.causes import Why
from wxlogin.watch.events import Severity

Reason = Annotated[str, visible("{1,200}", "1 to 200 characters")]
MaskedId = Annotated[str | None, Field(description="Masked; POST users/{id}/reveal tells it.")]
MaskedPhone = Annotated[str | None, Field(description="Masked, such as 138****5678.")]


class BanBody(Body):
    """Why a user is banned, and until when; left out it is for ever."""

    reason: Reason
    until: Moment | None = None
    linked: Annotated[bool, Field(description="Ban the same person's other users too.")] = False


class RevealBody(Body):
    """Why somebody needs to see it."""

    reason: Reason


class UnlinkBody(Body):
    """Why a user is not of the person that they were joined with."""

    reason: Reason


class SearchBody(Body):
    """Exactly one of these; compared whole, never in part."""

    id: Annotated[str, TextPattern(r"[\x21-\x7e]{1,64}", "a user's id")] | None = None
    openid: Annotated[str, TextPattern(r"[\x21-\x7e]{1,128}", "an openid")] | None = None
    phone: (
        Annotated[str, TextPattern(r"[^\x00-\x1f\x7f]{4,40}", "a phone number as people write it")]
        | None
    ) = None
    external_id: Annotated[str, TextPattern(r"[\x21-\x7e]{1,64}", "an external id")] | None = None

    @model_validator(mode="after")
    def _one_alone(self) -> SearchBody:
        if len(self.model_fields_set) != 1 or not self.model_dump(exclude_none=True):
            raise ValueError("should have exactly one of id, openid, phone and external_id")
        return self


class UserQuery(TimeRange, Ordered):
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
    nickname: str | None = Field(description="Masked: the first letter alone.")
    openid: MaskedId
    phone: MaskedPhone
    ban: BanShown | None
    created_at: str
    last_login_at: str


USERS = CsvList("users", "user.export_list", UserItem)


class LinkedUser(BaseModel):
    """Another user of the same person."""

    id: str
    app: str


class UserAnswer(UserItem):
    """One user."""

    unionid: MaskedId
    person: str | None = Field(description="The same for all users of one person.")
    kept_apart: bool = Field(description="Whether an operator unlinked the user from their person.")
    external_id: str | None = Field(description="The team's own id of the user.")
    profile: dict[str, Any] | None = Field(description="The nickname masked, without the picture.")
    region: str | None = Field(description="Where the latest login came from.")
    risk_rank: int | None = Field(
        description="WeChat's at the first login: 0 (none) to 4; null if it is not known."
    )
    devices: int = Field(description="How many sessions live.")
    banned_by: str | None = Field(None, description="Who banned, as the audit trail names them.")
    banned_at: str | None = Field(None, description="When the ban that holds was imposed.")
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


class TimelineItem(BaseModel):
    """One thing that happened; what does not belong to its `kind` is null."""

    id: str
    at: str = Field(
        description="Of a session that expired: when it would have, had it never been used."
    )
    kind: Literal["login", "session_ended", "event", "act"]
    user: str | None = Field(None, description="Whom it concerns, where POST find tells of it.")
    session: str | None = None
    why: Why | None = Field(None, description="Why the session ended.")
    by: str | None = Field(
        None,
        description="Who acted (`admin:NAME`, `token:ID`, `cli`, `wechat`, `wxlogin`), or the "
        "user's session whose login or sign-out it was.",
    )
    reason: str | None = Field(
        None, description="As the operator gave it, or the name of an act on more than this user."
    )
    request_id: str | None = None
    not_after: str | None = Field(
        None, description="When a session that expired had to end at the latest: it was in use."
    )
    platform: str | None = Field(None, description="Of the session's device.")
    device_name: str | None = None
    by_platform: str | None = Field(None, description="Of the device of the session in `by`.")
    by_device_name: str | None = None
    ip: str | None = Field(None, description="Of a login or an event.")
    region: str | None = None
    event: str | None = Field(None, description="The kind of event, as in GET events.")
    severity: Severity | None = None
    count: int | None = Field(None, description="How many events of a minute this stands for.")
    act: str | None = Field(None, description="What was done, as in GET audit.")
    outcome: str | None = None
    detail: dict[str, Any] | None = Field(None, description="Of an event or an act.")


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
    session_ends: list[dict[str, Any]] = Field(description="How sessions ended; not by whom.")
    events: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    acts: list[dict[str, Any]] = Field(description="What operators did; not who did it.")
    webhooks: list[dict[str, Any]] = Field(description="What webhooks tell of the user.")
