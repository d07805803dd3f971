"""What goes in and out of the calls on admins."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from wxlogin.admin.account.sign_in_schemas import Me, Password
from wxlogin.admin.csv_lists import CsvList
from wxlogin.admin.schemas import NoBody
from wxlogin.admin.short_lists import ShortQuery
from wxlogin.guard.bodies import Body, TextPattern
from wxlogin.operators.credentials import NAME
from wxlogin.operators.permissions import Role

Name = Annotated[
    str, TextPattern(NAME.pattern, "1 to 64 of a-z, 0-9, dot, dash and underscore, such as alice")
]


class AdminQuery(ShortQuery):
    """Which admins are meant."""

    role: Role | None = Field(None, description="Admins of this role alone.")
    disabled: bool | None = Field(None, description="Those who are disabled, or the others.")


class NewAdminBody(Body):
    """An account to create; without a password, one is generated."""

    name: Name
    role: Role
    password: Password | None = None
    must_change_password: bool = Field(
        default=False, description="Allow nothing before the admin has replaced the password."
    )


class InviteBody(Body):
    """An account to create without a password."""

    name: Name
    role: Role


class ResetPasswordBody(NoBody):
    """How the new password is meant."""

    must_change_password: bool = Field(
        default=False, description="Allow nothing before the admin has replaced it."
    )


class ChangeAdminBody(Body):
    """What to change of an account."""

    role: Role | None = None
    disabled: bool | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> ChangeAdminBody:
        if self.role is None and self.disabled is None:
            raise ValueError("should name role or disabled")
        return self


class AdminItem(Me):
    """An admin, as the owners see them."""

    disabled: bool
    invited: bool = Field(description="Whether they have not accepted their invitation yet.")
    must_change_password: bool
    created_at: str
    last_login_at: str | None


ADMINS = CsvList("admins", "admin.export_list", AdminItem)


class AdminWithPassword(BaseModel):
    """An admin and their generated password, shown only once; null if the body had one."""

    admin: AdminItem
    password: str | None


class InvitedAdmin(BaseModel):
    """An admin and their invitation, shown only once: its code, and the link that holds it."""

    admin: AdminItem
    invitation: str
    url: str
    expires_at: str


class ChangedAdmin(BaseModel):
    """An admin after a change, and how many of their sessions it ended."""

    admin: AdminItem
    ended: int
