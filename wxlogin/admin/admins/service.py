"""What owners do to admins."""

from __future__ import annotations

from wxlogin.admin.access_events import report
from wxlogin.admin.account.sign_in import admin_identity, target
from wxlogin.admin.admins.schemas import (
    AdminItem,
    AdminQuery,
    AdminWithPassword,
    ChangeAdminBody,
    ChangedAdmin,
    InviteBody,
    InvitedAdmin,
    NewAdminBody,
)
from wxlogin.admin.paging import Part, Position
from wxlogin.admin.short_lists import part_of
from wxlogin.admin.times import iso_or_none, iso_time
from wxlogin.models import Admin
from wxlogin.operators import Operators
from wxlogin.operators.admins import Admins
from wxlogin.operators.invitations import Invitation
from wxlogin.operators.passwords import random_password
from wxlogin.services import Watch
from wxlogin.watch.audit import Actor, Audit
from wxlogin.watch.events import Kind


def list_admins(
    admins: Admins, query: AdminQuery, limit: int, after: Position | None = None
) -> Part[AdminItem]:
    """Return up to `limit` admins that the query asks for, newest first unless it says so."""
    return part_of(_wanted(admins, query), query, limit, after, _item, lambda row: row.id)


def count_admins(admins: Admins, query: AdminQuery) -> int:
    """Return how many admins the query asks for."""
    return len(_wanted(admins, query))


def _wanted(admins: Admins, query: AdminQuery) -> list[Admin]:
    return [
        row
        for row in admins.all()
        if query.role in (None, row.role) and query.disabled in (None, row.disabled_at is not None)
    ]


def create(watch: Watch, admins: Admins, actor: Actor, body: NewAdminBody) -> AdminWithPassword:
    """Create an account, with a random password if the body has none."""
    password = None if body.password else random_password()
    detail = {"role": body.role}
    with watch.audit.act(actor, "admin.create", f"admin:{body.name}", detail=detail):
        admin = admins.create(
            body.name,
            body.role,
            body.password or password or "",
            must_change_password=body.must_change_password,
        )
    report(watch.recorder, Kind.ADMIN_CREATED, actor, admin.name)
    return AdminWithPassword(admin=_item(admin), password=password)


def change(
    audit: Audit, operators: Operators, actor: Actor, admin_id: str, body: ChangeAdminBody
) -> ChangedAdmin:
    """Set the role, disable or enable; the admin's sessions end."""
    admins = operators.admins

    def apply(admin: Admin) -> None:
        if body.role is not None:
            admins.set_role(admin, body.role)
        if body.disabled is not None:
            admins.set_disabled(admin, disabled=body.disabled)

    admin = admins.get(admin_id)
    detail = body.model_dump(exclude_none=True)
    with audit.act(actor, "admin.change", target(admin), detail=detail) as act:
        act.detail["ended"] = operators.change(admin, apply)
    return ChangedAdmin(admin=_item(admin), ended=act.detail["ended"])


def invite(
    watch: Watch, operators: Operators, actor: Actor, body: InviteBody, page_url: str
) -> InvitedAdmin:
    """Create an account without a password; `page_url` is where its owner sets one."""
    detail = {"role": body.role}
    with watch.audit.act(actor, "admin.invite", f"admin:{body.name}", detail=detail):
        made = operators.invitations.create(body.name, body.role)
    report(watch.recorder, Kind.ADMIN_CREATED, actor, made.admin.name)
    return _invited(made, page_url)


def invite_again(
    audit: Audit, operators: Operators, actor: Actor, admin_id: str, page_url: str
) -> InvitedAdmin:
    """Replace an invitation that was not accepted; the one before is void."""
    admin = operators.admins.get(admin_id)
    with audit.act(actor, "admin.invite", target(admin)):
        return _invited(operators.invitations.renew(admin), page_url)


def reset_password(
    audit: Audit, operators: Operators, actor: Actor, admin_id: str, *, must_change: bool
) -> AdminWithPassword:
    """Replace the password by a random one; the admin's sessions end."""
    admin, password = operators.admins.get(admin_id), random_password()
    with audit.act(actor, "admin.reset_password", target(admin)) as act:
        act.detail["ended"] = operators.change(
            admin,
            lambda changed: operators.admins.set_password(
                changed, password, must_change=must_change
            ),
        )
    return AdminWithPassword(admin=_item(admin), password=password)


def reset_second_factor(
    audit: Audit, operators: Operators, actor: Actor, admin_id: str
) -> ChangedAdmin:
    """Remove the second factor of an admin who lost it; their sessions end."""
    admin = operators.admins.get(admin_id)
    with audit.act(actor, "admin.reset_totp", target(admin)) as act:
        act.detail["ended"] = operators.change(admin, operators.admins.delete_second_factor)
    return ChangedAdmin(admin=_item(admin), ended=act.detail["ended"])


def _invited(made: Invitation, page_url: str) -> InvitedAdmin:
    return InvitedAdmin(
        admin=_item(made.admin),
        invitation=made.code,
        url=f"{page_url}#{made.code}",
        expires_at=iso_time(made.until),
    )


def _item(admin: Admin) -> AdminItem:
    return AdminItem(
        **admin_identity(admin).model_dump(),
        disabled=admin.disabled_at is not None,
        invited=admin.invitation_digest is not None,
        must_change_password=bool(admin.must_change_password),
        created_at=iso_time(admin.created_at),
        last_login_at=iso_or_none(admin.last_login_at),
    )
