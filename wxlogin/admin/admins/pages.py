"""The pages of admins."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.admins import service
from wxlogin.admin.admins.schemas import (
    ADMINS,
    AdminQuery,
    AdminWithPassword,
    ChangeAdminBody,
    InviteBody,
    InvitedAdmin,
    Name,
    NewAdminBody,
)
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.labels import roles
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.list_answers import list_file
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.guard.bodies import Body
from wxlogin.guard.relying_party import invitation_page
from wxlogin.operators.permissions import Role
from wxlogin.services import services

ADMIN = Subject(
    name=lambda admin: services.operators.admins.get(admin).name,
    back=lambda _admin: url_for("console.admins"),
)


class NewAdminForm(Body):
    """An account to create, and how its owner signs in for the first time."""

    name: Name
    role: Role
    begins: Literal["link", "password"] = "link"


@console.get("/admins")
@permitted("admins.read")
def admins() -> str:
    """List the admins."""
    query, accounts = list_query(AdminQuery), services.operators.admins
    return page(
        "admins",
        admins=service.list_admins(accounts, query, query.limit, query.position(int)).page(),
        total=service.count_admins(accounts, query),
        query=query,
        roles=roles(),
    )


@console.post("/admins.csv")
@permitted("admins.read")
def admins_csv() -> Response:
    """Return the admins of a page's filter as a file."""
    query = list_query(AdminQuery)
    read = partial(service.list_admins, services.operators.admins, query)
    return list_file(ADMINS, query, read, services.watch, services.limits.rates)


@console.get("/admins/new")
@permitted("admins.write")
def new_admin() -> str:
    """Ask for a name, a role, and how the first sign-in is to go."""
    return page("new_admin", roles=roles())


@console.post("/admins/new")
@permitted("admins.write")
def create_admin() -> str:
    """Create an account and show its password, or the link of its invitation, this once."""
    watch, body = services.watch, form_data(NewAdminForm)
    if body.begins == "link":
        invited, page_url = InviteBody(name=body.name, role=body.role), _invitation_page()
        return _show_link(service.invite(watch, services.operators, actor(), invited, page_url))
    made = NewAdminBody(name=body.name, role=body.role, must_change_password=True)
    return _show_password(service.create(watch, services.operators.admins, actor(), made))


def _role_choice(admin: str) -> dict[str, Any]:
    return {"chosen": services.operators.admins.get(admin).role, "roles": roles()}


@action(
    "/admins/<id>/role",
    "admins.write",
    ADMIN,
    Question(
        _("Give %(name)s another role?"),
        _("They are signed out everywhere and sign in again with the new role."),
        _("Give the role"),
        template="role",
        context=_role_choice,
    ),
    ask_endpoint="ask_role",
)
def give_role(admin: str) -> Response:
    """Set another role."""
    name = _change(admin, form_data(ChangeAdminBody))
    return _done(gettext("%(name)s has another role.", name=name))


@action(
    "/admins/<id>/disable",
    "admins.write",
    ADMIN,
    Question(
        _("Disable the admin %(name)s?"),
        _("They are signed out everywhere and cannot sign in until you enable them."),
        _("Disable the admin"),
    ),
)
def disable_admin(admin: str) -> Response:
    """Disable an admin."""
    name = _change(admin, ChangeAdminBody(disabled=True))
    return _done(gettext("%(name)s is disabled.", name=name))


@action(
    "/admins/<id>/enable",
    "admins.write",
    ADMIN,
    Question(
        _("Enable the admin %(name)s?"),
        _("They can sign in again with the password and second factor they had."),
        _("Enable the admin"),
        danger=False,
    ),
)
def enable_admin(admin: str) -> Response:
    """Enable an admin."""
    name = _change(admin, ChangeAdminBody(disabled=False))
    return _done(gettext("%(name)s is enabled.", name=name))


@action(
    "/admins/<id>/invite",
    "admins.write",
    ADMIN,
    Question(
        _("Make a new invitation for %(name)s?"),
        _("The link they were sent before is void. You see the new one once."),
        _("Make a new invitation"),
        danger=False,
    ),
)
def invite_again(admin: str) -> str:
    """Replace an invitation and show its link, this once."""
    audit, operators = services.watch.audit, services.operators
    return _show_link(service.invite_again(audit, operators, actor(), admin, _invitation_page()))


@action(
    "/admins/<id>/reset-password",
    "admins.write",
    ADMIN,
    Question(
        _("Reset the password of %(name)s?"),
        _(
            "They are signed out everywhere. You see the new password once; they have to replace "
            "it when they sign in."
        ),
        _("Reset the password"),
    ),
)
def reset_password(admin: str) -> str:
    """Replace an admin's password by a random one and show it, this once."""
    audit, operators = services.watch.audit, services.operators
    made = service.reset_password(audit, operators, actor(), admin, must_change=True)
    return _show_password(made)


@action(
    "/admins/<id>/reset-second-factor",
    "admins.write",
    ADMIN,
    Question(
        _("Remove the second factor of %(name)s?"),
        _(
            "Do this only for somebody you have spoken to: from then on the password alone "
            "signs them in, until they set up another."
        ),
        _("Remove it"),
    ),
)
def reset_second_factor(admin: str) -> Response:
    """Remove an admin's second factor."""
    audit, operators = services.watch.audit, services.operators
    changed = service.reset_second_factor(audit, operators, actor(), admin)
    return _done(gettext("%(name)s has no second factor any more.", name=changed.admin.name))


def _change(admin: str, body: ChangeAdminBody) -> str:
    """Change an account; return the admin's name."""
    audit, operators = services.watch.audit, services.operators
    return service.change(audit, operators, actor(), admin, body).admin.name


def _done(text: str) -> Response:
    return done(url_for("console.admins"), text)


def _invitation_page() -> str:
    return invitation_page(services.settings)


def _show_link(made: InvitedAdmin) -> str:
    title = gettext("The invitation of %(name)s", name=made.admin.name)
    back = url_for("console.admins")
    return page("shown_once", title=title, secret=made.url, until=made.expires_at, back=back)


def _show_password(made: AdminWithPassword) -> str:
    title = gettext("The password of %(name)s", name=made.admin.name)
    return page("shown_once", title=title, secret=made.password, back=url_for("console.admins"))
