"""What goes in and out of the calls on my own account."""

from __future__ import annotations

from pydantic import BaseModel, Field

from wxlogin.admin.schemas.sign_in import Otp, Password
from wxlogin.guard.bodies import Body


class ReauthBody(Body):
    """The password once more, and a one-time code where there is a second factor."""

    password: Password
    otp: Otp | None = None


class ReauthAnswer(BaseModel):
    """For how many seconds the password counts as just given."""

    expires_in: int


class PasswordBody(Body):
    """The password, and the one to take its place: 12 to 128 characters, not easy to guess."""

    password: Password
    new_password: Password


class EnrolmentAnswer(BaseModel):
    """A fresh second factor; it counts once a code confirmed it. Shown this once."""

    secret: str = Field(description="In Base32, to be typed.")
    uri: str = Field(description="otpauth://, to be opened.")
    qr_svg: str = Field(description="The URI as an SVG picture, to be scanned.")


class ConfirmBody(Body):
    """A code of the fresh second factor."""

    otp: Otp


class RecoveryCodes(BaseModel):
    """Codes that each sign in once in the second factor's place; shown this once."""

    recovery_codes: list[str]


class OwnSession(BaseModel):
    """One of my sign-ins."""

    id: str
    current: bool
    created_at: str
    last_seen_at: str
    address: str


class OwnSessions(BaseModel):
    """Where I am signed in, newest first."""

    items: list[OwnSession]
