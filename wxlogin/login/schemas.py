"""What goes in and out of the login calls."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, WithJsonSchema, model_validator

from wxlogin.guard.bodies import Body, TextPattern, visible
from wxlogin.session_creation import Person, SessionId

Code = Annotated[str, TextPattern(r"[\x21-\x7e]{1,256}", "the code that wx.login gave")]
Appid = Annotated[str, TextPattern(r"[0-9A-Za-z]{1,32}", "an appid such as wx0123456789abcdef")]
DeviceId = Annotated[
    str,
    TextPattern(
        r"[^\x00-\x20\x7f]{8,64}", "8 to 64 characters that the client made up once, no spaces"
    ),
]
DeviceName = Annotated[str, visible("{0,64}", "up to 64 characters")]
Known = Literal["ios", "android", "windows", "mac", "devtools", "ohos", "other"]


def _platform(said: Any) -> Any:
    """Return the platform that a login names; any text but `web` is a hint that stops nothing."""
    if said == "web":
        raise ValueError("should not be web: only a scan makes a web session")
    return said if not isinstance(said, str) or said in get_args(Known) else "other"


Platform = Annotated[
    Known,
    BeforeValidator(_platform),
    WithJsonSchema(
        {
            "type": "string",
            "not": {"const": "web"},
            "description": f"{', '.join(get_args(Known))}; any other text means `other`.",
        }
    ),
]


class LoginBody(Body):
    """A code of wx.login, and a description of the device."""

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
    """Which sessions to end; by default the current one."""

    scope: Literal["current", "others", "all"] = "current"


class SessionPath(BaseModel):
    """The session that is meant."""

    id: SessionId


class AppHandle(BaseModel):
    """A mini-program by its appid."""

    appid: str


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
    """Whether a session_key is stored, and for how many more seconds."""

    fresh: bool
    expires_in: int


class SessionKeyCheck(BaseModel):
    """Whether WeChat still accepts the stored session_key."""

    valid: bool


class SessionAnswer(BaseModel):
    """The caller's session."""

    user: Person
    app: AppHandle
    session: SessionDetail
    session_key: SessionKeyState


class SessionList(BaseModel):
    """The user's sessions, newest first."""

    sessions: list[ListedSession]
