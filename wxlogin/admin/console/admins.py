"""Admins: those who operate."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import done
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked, sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.console.words import roles
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.schemas.admins import AdminWithPassword, ChangeAdminBody, NewAdminBody
from wxlogin.admin.service import admins as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted


@console.get("/admins")
@permitted("admins.read")
def admins() -> str:
    """List the admins."""
    return page("admins", admins=service.list_admins(asked(PageQuery)))


@console.get("/admins/new")
@permitted("admins.write")
def new_admin() -> str:
    """Ask for a name and a role."""
    return page("new_admin", roles=roles())


@console.post("/admins/new")
@permitted("admins.write")
def create_admin() -> str:
    """Make an account and show its password, this once."""
    return _with_password(service.create(engines, actor(), sent(NewAdminBody)))


@console.get("/admins/<id>/role")
@permitted("admins.write")
def ask_role(id: str) -> str:  # noqa: A002  the API's word
    """Ask for another role."""
    found = engines.operators.admins.known(id)
    question = _question(
        gettext("Give %(name)s another role?", name=found.name),
        gettext("They are signed out everywhere and sign in again with the new role."),
        gettext("Give the role"),
    )
    return ask(question, "role", chosen=found.role, roles=roles())


@console.post("/admins/<id>/role")
@permitted("admins.write")
def give_role(id: str) -> Response:  # noqa: A002  the API's word
    """Give another role."""
    name = service.change(engines, actor(), id, sent(ChangeAdminBody)).admin.name
    return done(url_for("console.admins"), gettext("%(name)s has another role.", name=name))


@console.get("/admins/<id>/disable")
@permitted("admins.write")
def ask_disable_admin(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to refuse an admin."""
    return ask(
        _question(
            gettext("Disable the admin %(name)s?", name=_name(id)),
            gettext("They are signed out everywhere and cannot sign in until you enable them."),
            gettext("Disable the admin"),
        )
    )


@console.post("/admins/<id>/disable")
@permitted("admins.write")
def disable_admin(id: str) -> Response:  # noqa: A002  the API's word
    """Refuse an admin."""
    name = service.change(engines, actor(), id, ChangeAdminBody(disabled=True)).admin.name
    return done(url_for("console.admins"), gettext("%(name)s is disabled.", name=name))


@console.get("/admins/<id>/enable")
@permitted("admins.write")
def ask_enable_admin(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to let an admin in again."""
    return ask(
        _question(
            gettext("Enable the admin %(name)s?", name=_name(id)),
            gettext("They can sign in again with the password and second factor they had."),
            gettext("Enable the admin"),
            danger=False,
        )
    )


@console.post("/admins/<id>/enable")
@permitted("admins.write")
def enable_admin(id: str) -> Response:  # noqa: A002  the API's word
    """Let an admin in again."""
    name = service.change(engines, actor(), id, ChangeAdminBody(disabled=False)).admin.name
    return done(url_for("console.admins"), gettext("%(name)s is enabled.", name=name))


@console.get("/admins/<id>/reset-password")
@permitted("admins.write")
def ask_reset_password(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to make another password for an admin."""
    return ask(
        _question(
            gettext("Make a new password for %(name)s?", name=_name(id)),
            gettext("They are signed out everywhere. You see the new password once."),
            gettext("Make a new password"),
        )
    )


@console.post("/admins/<id>/reset-password")
@permitted("admins.write")
def reset_password(id: str) -> str:  # noqa: A002  the API's word
    """Make another password for an admin and show it, this once."""
    return _with_password(service.reset_password(engines, actor(), id))


@console.get("/admins/<id>/reset-second-factor")
@permitted("admins.write")
def ask_reset_second_factor(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to take an admin's second factor away."""
    return ask(
        _question(
            gettext("Take the second factor of %(name)s away?", name=_name(id)),
            gettext(
                "Do this only for somebody you have spoken to: from then on the password alone "
                "signs them in, until they set up another."
            ),
            gettext("Take it away"),
        )
    )


@console.post("/admins/<id>/reset-second-factor")
@permitted("admins.write")
def reset_second_factor(id: str) -> Response:  # noqa: A002  the API's word
    """Take an admin's second factor away."""
    name = service.reset_second_factor(engines, actor(), id).admin.name
    text = gettext("%(name)s has no second factor any more.", name=name)
    return done(url_for("console.admins"), text)


def _name(public_id: str) -> str:
    return engines.operators.admins.known(public_id).name


def _question(title: str, text: str, button: str, *, danger: bool = True) -> Question:
    return Question(title, text, button, url_for("console.admins"), danger)


def _with_password(made: AdminWithPassword) -> str:
    title = gettext("The password of %(name)s", name=made.admin.name)
    return page("shown_once", title=title, secret=made.password, back=url_for("console.admins"))
