"""What goes in and out of the login calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from wxlogin.guard.bodies import Body, Formed

Code = Annotated[str, Formed(r"[\x21-\x7e]{1,256}", "the code that wx.login gave")]
Appid = Annotated[str, Formed(r"[0-9A-Za-z]{1,32}", "an appid such as wx0123456789abcdef")]
DeviceId = Annotated[
    str,
    Formed(r"[^\x00-\x20\x7f]{8,64}", "8 to 64 characters that the client made up once, no spaces"),
]
DeviceName = Annotated[
    str, Formed(r"[^\x00-\x1f\x7f]{0,64}", "up to 64 characters, no control characters")
]
Platform = Literal["ios", "android", "windows", "mac", "devtools", "ohos", "other"]
SessionId = Annotated[str, Field(description="A handle for lists; no credential.")]


class LoginBody(Body):
    """A code of wx.login, and what the device says of itself."""

    code: Code
    appid: Appid | None = None
    device_id: DeviceId | None = None
    device_name: DeviceName | None = None
    platform: Platform | None = None


class SessionKeyBody(Body):
    """A fresh code of this session's user."""

    code: Code


class NoBody(Body):
    """A call that takes no fields."""

    @model_validator(mode="before")
    @classmethod
    def _no_body(cls, value: Any) -> Any:
        return {} if value is None else value


class LogoutBody(NoBody):
    """Which sessions to end; none named means the current one."""

    scope: Literal["current", "others", "all"] = "current"


class SessionPath(BaseModel):
    """The session that is meant."""

    id: SessionId


class Person(BaseModel):
    """A user by the public id."""

    id: str


class NewPerson(Person):
    """A user, and whether this login was the first."""

    is_new: bool


class AppHandle(BaseModel):
    """A mini-program by its appid."""

    appid: str


class SessionHandle(BaseModel):
    """A session by its id."""

    id: SessionId


class Signing(BaseModel):
    """The key with which this session's requests are signed."""

    key: str
    algorithm: Literal["HMAC-SHA256"] = "HMAC-SHA256"


class LoginAnswer(BaseModel):
    """A new session's token; the one time that it is told."""

    token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int
    max_expires_in: int
    user: NewPerson
    session: SessionHandle
    signing: Signing
    ended: int


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


class SessionDetail(BaseModel):
    """One session, as its owner sees it."""

    id: SessionId
    platform: str
    device_name: str | None
    created_at: str
    last_seen_at: str
    expires_at: str
    max_expires_at: str


class ListedSession(SessionDetail):
    """One of the user's sessions."""

    current: bool
    ip: str
    region: str | None


class SessionKeyState(BaseModel):
    """Whether a session_key is kept, and for how many seconds more."""

    fresh: bool
    expires_in: int


class SessionKeyCheck(BaseModel):
    """WeChat's word on the session_key that is kept."""

    valid: bool


class SessionAnswer(BaseModel):
    """The session that asks."""

    user: Person
    app: AppHandle
    session: SessionDetail
    session_key: SessionKeyState


class SessionList(BaseModel):
    """The user's sessions, newest first."""

    sessions: list[ListedSession]
