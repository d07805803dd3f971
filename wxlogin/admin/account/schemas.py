"""What goes in and out of the calls on my own account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from wxlogin.admin.account.sign_in_schemas import Otp, Passkey, Password, parsed_object
from wxlogin.guard.bodies import Body, visible


class ReauthBody(Body):
    """The password once more, and a one-time code or a passkey where there is a second factor."""

    password: Password
    otp: Otp | None = None
    passkey: Passkey | None = None


class ReauthAnswer(BaseModel):
    """For how many seconds the password counts as just entered."""

    expires_in: int


class PasswordBody(Body):
    """The current and the new password: 12 to 128 characters, not easy to guess."""

    password: Password
    new_password: Password


class EnrolmentAnswer(BaseModel):
    """A new second factor, shown only once; it takes effect once a code confirms it."""

    secret: str = Field(description="In Base32, to be typed.")
    uri: str = Field(description="otpauth://, to be opened.")
    qr_svg: str = Field(description="The URI as an SVG picture, to be scanned.")


class ConfirmBody(Body):
    """A code of the fresh second factor."""

    otp: Otp


class RecoveryCodes(BaseModel):
    """Codes that each replace the second factor once; shown only once."""

    recovery_codes: list[str]


class PasskeyItem(BaseModel):
    """One of my passkeys."""

    id: str
    name: str
    created_at: str
    last_used_at: str | None


class OwnPasskeys(BaseModel):
    """My passkeys, oldest first."""

    items: list[PasskeyItem]


class PasskeyOptions(BaseModel):
    """What `navigator.credentials.create` needs, as JSON; good once, for two minutes."""

    options: dict[str, Any]


class NewPasskeyBody(Body):
    """What a new passkey is called, and what `navigator.credentials.create` gave, as JSON."""

    name: Annotated[str, visible("{1,64}", "1 to 64 characters")]
    credential: Annotated[dict[str, Any], BeforeValidator(parsed_object)]


class NewPasskey(BaseModel):
    """A passkey that was registered; `recovery_codes` where it is the first second factor."""

    passkey: PasskeyItem
    recovery_codes: list[str]


class Place(BaseModel):
    """From where and on what an admin signed in; `browser` and `system` are the client's word."""

    address: str
    region: str | None
    browser: str = Field(description="With its main version; empty if it is not known.")
    system: str


class OwnSession(Place):
    """One of my live sessions."""

    id: str
    current: bool
    created_at: str
    last_seen_at: str


class SignInItem(Place):
    """A sign-in to my account; `new_address`: from an address that the trail did not know."""

    id: int
    at: str
    new_address: bool


class NoticeItem(BaseModel):
    """What I should look at: what is so now, and what was done in the last 30 days.

    `changed`: `by` somebody else, as `act` says. `token_ends`: the API token of this `name`, at
    `at`.
    """

    kind: Literal["no_second_factor", "few_recovery_codes", "token_ends", "new_address", "changed"]
    at: str
    act: str | None = None
    by: str | None = None
    address: str | None = None
    region: str | None = None
    name: str | None = None
    count: int | None = None


class Notices(BaseModel):
    """What I should look at."""

    items: list[NoticeItem]


class OwnSessions(BaseModel):
    """Where I am signed in, newest first."""

    items: list[OwnSession]
