"""What goes in and out of the calls of users about themselves."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from wxlogin.guard.bodies import Body, TextPattern, visible

Nickname = Annotated[
    str, StringConstraints(strip_whitespace=True), visible("{1,64}", "1 to 64 characters")
]
AvatarUrl = Annotated[
    str,
    TextPattern(
        r"https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]{0,700})?",
        "the https URL of a picture, in ASCII, with up to 700 characters after the host",
    ),
]


class OwnProfileBody(Body):
    """What the user chose; what is left out stays as it is."""

    nickname: Nickname | None = None
    avatar_url: AvatarUrl | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.nickname is None and self.avatar_url is None:
            raise ValueError("should have nickname, avatar_url or both")
        return self


class OwnProfile(BaseModel):
    """Nickname and avatar; null where there is none."""

    nickname: str | None
    avatar_url: str | None


class OwnProfileAnswer(BaseModel):
    """The whole profile as it is stored now."""

    profile: OwnProfile


class OwnUser(BaseModel):
    """The user's ids, and whether the profile has a nickname of the user's own and an avatar."""

    id: str
    person: str | None = Field(description="The same for all users of one person.")
    external_id: str | None = Field(description="The team's own id of the user, if it gave one.")
    is_complete: bool


class OwnAnswer(BaseModel):
    """The user as the mini-program may show them."""

    user: OwnUser
    profile: OwnProfile
    phone: str | None = Field(description="Masked, such as 138****1234.")
    created_at: str


class OwnData(BaseModel):
    """Everything that is held of the user, except WeChat's ids and keys."""

    exported_at: str
    user: dict[str, Any]
    sessions: list[dict[str, Any]]
    logins: list[dict[str, Any]]
    session_ends: list[dict[str, Any]] = Field(description="How sessions ended, and why.")
    events: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    acts: list[dict[str, Any]] = Field(description="What operators and the user did.")
    webhooks: list[dict[str, Any]] = Field(description="What webhooks tell of the user.")


class EndedByErasure(BaseModel):
    """How many sessions the erasure ended, this one among them."""

    ended: int
