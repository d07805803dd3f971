"""What goes in and out of the sign-in."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from wxlogin.guard.bodies import Body, Formed
from wxlogin.operators.permissions import Role

Password = Annotated[str, Formed(r"[^\x00]{1,256}", "1 to 256 characters")]
# Any text: a wrong code is told like a wrong password, whatever it looks like.
Otp = Annotated[str, Formed(r"[^\x00-\x1f]{0,64}", "the six digits of the app, or a recovery code")]


class SignInBody(Body):
    """A name, its password, and the one-time code or a recovery code where there is one."""

    username: Annotated[str, Formed(r"[^\x00-\x1f]{1,64}", "the admin's name")]
    password: Password
    otp: Otp | None = None


class Me(BaseModel):
    """The admin who is signed in."""

    id: str
    name: str
    role: Role
    totp: bool = Field(description="Whether a second factor is asked for at sign-in.")


class SignedInAnswer(BaseModel):
    """Who is signed in. `csrf_token` goes into X-CSRF-Token of every call that changes something.

    `must_enrol`: the session is good for enrolling a second factor alone.
    """

    admin: Me
    csrf_token: str
    must_enrol: bool


class MeAnswer(SignedInAnswer):
    """Who is signed in, what they may do, and how long their password counts as just given."""

    permissions: list[str]
    reauth_expires_in: int
    recovery_codes_left: int
