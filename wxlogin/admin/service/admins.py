"""What owners do to admins."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from wxlogin.admin.paging import Page, PageQuery, page
from wxlogin.admin.schemas.admins import (
    AdminItem,
    AdminWithPassword,
    ChangeAdminBody,
    ChangedAdmin,
    NewAdminBody,
)
from wxlogin.admin.service.sign_in import me, target
from wxlogin.admin.service.times import iso_or_none, iso_time
from wxlogin.engines import Engines
from wxlogin.extensions import db
from wxlogin.models import Admin
from wxlogin.operators.passwords import random_password
from wxlogin.watch.audit import Actor


def list_admins(query: PageQuery) -> Page[AdminItem]:
    """A page of the admins, newest first."""
    wanted = select(Admin).order_by(Admin.id.desc()).limit(query.limit + 1)
    position = query.position(int)
    if position:
        wanted = wanted.where(Admin.id < position[0])
    return page(db.session.scalars(wanted).all(), query.limit, _item, lambda row: (row.id,))


def create(engines: Engines, actor: Actor, body: NewAdminBody) -> AdminWithPassword:
    """Make an account."""
    made = None if body.password else random_password()
    detail = {"role": body.role}
    with engines.audit.act(actor, "admin.create", f"admin:{body.name}", detail=detail):
        admin = engines.operators.admins.create(body.name, body.role, body.password or made or "")
    return AdminWithPassword(admin=_item(admin), password=made)


def change(engines: Engines, actor: Actor, admin_id: str, body: ChangeAdminBody) -> ChangedAdmin:
    """Give another role, disable or enable; the admin's sessions end."""
    admins = engines.operators.admins

    def act(admin: Admin) -> None:
        if body.role is not None:
            admins.set_role(admin, body.role)
        if body.disabled is not None:
            admins.set_disabled(admin, disabled=body.disabled)

    detail = body.model_dump(exclude_none=True)
    return _changed(engines, actor, admin_id, "admin.change", act, detail)


def reset_password(engines: Engines, actor: Actor, admin_id: str) -> AdminWithPassword:
    """Give a password that was made for the admin; their sessions end."""
    password = random_password()
    done = _changed(
        engines,
        actor,
        admin_id,
        "admin.reset_password",
        lambda admin: engines.operators.admins.set_password(admin, password),
    )
    return AdminWithPassword(admin=done.admin, password=password)


def reset_second_factor(engines: Engines, actor: Actor, admin_id: str) -> ChangedAdmin:
    """Take the second factor away from an admin who lost it; their sessions end."""
    return _changed(
        engines,
        actor,
        admin_id,
        "admin.reset_totp",
        engines.operators.admins.drop_second_factor,
    )


def _changed(
    engines: Engines,
    actor: Actor,
    admin_id: str,
    name: str,
    act: Callable[[Admin], None],
    detail: dict[str, object] | None = None,
) -> ChangedAdmin:
    """Change an account within an entry of the trail, and end its sessions."""
    admin = engines.operators.admins.known(admin_id)
    with engines.audit.act(actor, name, target(admin), detail=detail) as entry:
        act(admin)
        entry.detail["ended"] = engines.operators.sessions.end_all(admin.public_id)
    return ChangedAdmin(admin=_item(admin), ended=entry.detail["ended"])


def _item(admin: Admin) -> AdminItem:
    return AdminItem(
        **me(admin).model_dump(),
        disabled=admin.disabled_at is not None,
        created_at=iso_time(admin.created_at),
        last_login_at=iso_or_none(admin.last_login_at),
    )
