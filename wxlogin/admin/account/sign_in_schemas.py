"""What goes in and out of the sign-in."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.operators.permissions import Role

Password = Annotated[str, TextPattern(r"[^\x00]{1,256}", "1 to 256 characters")]
# Any text: the refusal of a wrong code must look like that of a wrong password.
Otp = Annotated[
    str, TextPattern(r"[^\x00-\x1f]{0,64}", "the six digits of the app, or a recovery code")
]


def parsed_object(said: Any) -> Any:
    """Return the answer of a browser, which a form has as text."""
    try:
        return json.loads(said) if isinstance(said, str) else said
    except (ValueError, RecursionError):
        raise ValueError("should be what the browser answered, as JSON") from None


class PasskeyAnswer(Body):
    """What a passkey signed: the attempt, and what `navigator.credentials.get` gave, as JSON."""

    attempt: Annotated[str, TextPattern(r"[A-Za-z0-9_-]{22}", "the attempt of the challenge")]
    credential: dict[str, Any]


Passkey = Annotated[PasskeyAnswer, BeforeValidator(parsed_object)]


class Challenge(BaseModel):
    """A passkey is asked for: the id of the attempt, and what `navigator.credentials.get` needs."""

    attempt: str
    options: dict[str, Any]


class SignInBody(Body):
    """A name, its password, and where there is one a one-time code, recovery code or passkey."""

    username: Annotated[str, TextPattern(r"[^\x00-\x1f]{1,64}", "the admin's name")]
    password: Password
    otp: Otp | None = None
    passkey: Passkey | None = None


class Me(BaseModel):
    """The admin who is signed in."""

    id: str
    name: str
    role: Role
    totp: bool = Field(description="Whether a second factor is asked for at sign-in.")


class SignedInAnswer(BaseModel):
    """Who is signed in. `csrf_token` goes into X-CSRF-Token of every call that changes something.

    `must_enrol`: the session is good for enrolling a second factor alone. `must_change_password`:
    it is good for changing the password alone.
    """

    admin: Me
    csrf_token: str
    must_enrol: bool
    must_change_password: bool


class AcceptBody(Body):
    """The code of an invitation, and the password to sign in with: 12 to 128 characters."""

    invitation: Annotated[str, TextPattern(r"[^\x00-\x1f]{1,128}", "the code of an invitation")]
    password: Password


class MeAnswer(SignedInAnswer):
    """Who is signed in, what they may do, and how long their password counts as just given."""

    permissions: list[str]
    reauth_expires_in: int
    recovery_codes_left: int
