"""Forms of what operators do to users."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from wxlogin.admin.console.forms import with_zone
from wxlogin.admin.times import Moment
from wxlogin.admin.users.schemas import BanBody, Reason
from wxlogin.clock import Clock, iso, iso_time, milliseconds
from wxlogin.guard.bodies import Body

Ticked = Annotated[bool, Field(strict=False)]
"""A box, which a form sends as `true` or not at all."""


class BanForm(Body):
    """Why a user is banned, and until when or for how many seconds; with neither, for ever."""

    reason: Reason
    lasts: Literal["3600", "86400", "259200", "604800", "2592000", "31536000"] | None = None
    until: Annotated[Moment | None, BeforeValidator(with_zone)] = None
    linked: Ticked = False


def ban_body(form: BanForm, clock: Clock) -> BanBody:
    """Return what the API takes."""
    until = iso_time(form.until) if form.until else None
    if form.lasts and not until:
        until = iso(milliseconds(clock) + int(form.lasts) * 1000)
    return BanBody.model_validate({"reason": form.reason, "until": until, "linked": form.linked})
