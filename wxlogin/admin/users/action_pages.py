"""The pages of what operators do to a user."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done, sessions_ended
from wxlogin.admin.lookup_limits import current_requester
from wxlogin.admin.users import actions
from wxlogin.admin.users import export as user_export
from wxlogin.admin.users.about import about_user
from wxlogin.admin.users.forms import BanForm, Ticked, ban_body
from wxlogin.admin.users.schemas import RevealBody, UnlinkBody
from wxlogin.guard.admin_gate import actor
from wxlogin.guard.bodies import Body
from wxlogin.services import services


class UnbanForm(Body):
    """Whose ban is lifted: this user's alone, or also those of the same person's others."""

    linked: Ticked = False


def user_page(user: str) -> str:
    """Return the URL of a user's page."""
    return url_for("console.user", id=user)


def _about(user: str) -> dict[str, Any]:
    return about_user(services.accounts.directory, services.sessions.store, user)


USER = Subject(name=lambda user: services.accounts.directory.get(user).id, back=user_page)


@action(
    "/users/<id>/kick",
    "users.kick",
    USER,
    Question(
        _("Sign user %(name)s out everywhere?"),
        _("The user is signed out on every device and can sign in again."),
        _("Sign out everywhere"),
        context=_about,
    ),
)
def kick(user: str) -> Response:
    """End all sessions of a user."""
    ended = actions.kick(
        services.watch.audit,
        services.accounts.directory,
        services.accounts.session_revocation,
        actor(),
        user,
    )
    return sessions_ended(user_page(user), ended.ended)


@action(
    "/users/<id>/ban",
    "users.ban",
    USER,
    Question(
        _("Ban user %(name)s?"),
        _("The user is signed out on every device, and told of the ban at every login."),
        _("Ban the user"),
        template="ban",
        context=_about,
    ),
)
def ban(user: str) -> Response:
    """Ban a user."""
    accounts, body = services.accounts, ban_body(form_data(BanForm), services.clock)
    actions.ban(
        services.watch.audit,
        accounts.directory,
        accounts.bans,
        services.clock,
        actor(),
        user,
        body,
    )
    return done(user_page(user), gettext("User %(user)s is banned.", user=user))


@action(
    "/users/<id>/unban",
    "users.ban",
    USER,
    Question(
        _("Lift the ban of user %(name)s?"),
        _("The user can sign in again at once."),
        _("Lift the ban"),
        danger=False,
        template="unban",
        context=_about,
    ),
)
def unban(user: str) -> Response:
    """Lift a ban."""
    accounts, linked = services.accounts, form_data(UnbanForm).linked
    audit, directory = services.watch.audit, accounts.directory
    actions.unban(audit, directory, accounts.bans, actor(), user, narrow=True, linked=linked)
    return done(user_page(user), gettext("User %(user)s can sign in again.", user=user))


@action(
    "/users/<id>/unlink",
    "users.unlink",
    USER,
    Question(
        _("Unlink user %(name)s from their person?"),
        _(
            "The user gets a person of their own, and nothing joins them with others again. "
            "Nobody is signed out."
        ),
        _("Unlink"),
        template="unlink",
    ),
)
def unlink(user: str) -> Response:
    """Unlink a user from their person."""
    accounts, body = services.accounts, form_data(UnlinkBody)
    audit = services.watch.audit
    actions.unlink(audit, accounts.directory, accounts.persons, actor(), user, body)
    return done(user_page(user), gettext("User %(user)s has a person of their own.", user=user))


@action(
    "/users/<id>/allow-joining",
    "users.unlink",
    USER,
    Question(
        _("Let user %(name)s be joined again?"),
        _("The next login joins them with the users of the same unionid."),
        _("Let them be joined"),
        danger=False,
    ),
)
def allow_joining(user: str) -> Response:
    """Let a user be joined again."""
    accounts, audit = services.accounts, services.watch.audit
    actions.allow_joining(audit, accounts.directory, accounts.persons, actor(), user)
    return done(user_page(user), gettext("User %(user)s can be joined again.", user=user))


@action(
    "/users/<id>/reset-session-key",
    "users.reset_key",
    USER,
    Question(
        _("Reset the session_key of user %(name)s?"),
        _("WeChat makes a new one, which is kept instead. Nobody is signed out."),
        _("Reset the session_key"),
    ),
)
def reset_key(user: str) -> Response:
    """Replace a user's session_key."""
    accounts = services.accounts
    actions.reset_session_key(
        services.watch.audit, accounts.directory, accounts.user_keys, actor(), user
    )
    text = gettext("WeChat has replaced the session_key of user %(user)s.", user=user)
    return done(user_page(user), text)


@action(
    "/users/<id>/reveal",
    "users.reveal",
    USER,
    Question(
        _("Show openid and phone number of user %(name)s?"),
        _("Your name and the reason are written into the audit trail."),
        _("Show them"),
        danger=False,
        template="reason",
    ),
)
def reveal(user: str) -> str:
    """Show what is masked elsewhere."""
    shown = actions.reveal(
        services.watch,
        services.limits.rates,
        services.accounts.directory,
        current_requester(),
        user,
        form_data(RevealBody),
    )
    return page("revealed", id=user, shown=shown)


@action(
    "/users/<id>/export",
    "users.export",
    USER,
    Question(
        _("Export all data of user %(name)s?"),
        _(
            "You get a file with all stored data of the person, in clear text. Give it to "
            "nobody else."
        ),
        _("Download the file"),
        danger=False,
    ),
)
def export(user: str) -> Response:
    """Return everything of a user as a file."""
    exported = user_export.export(
        services.watch,
        services.limits.rates,
        services.accounts.directory,
        services.accounts.personal_data,
        current_requester(),
        user,
    )
    headers = {"Content-Disposition": f'attachment; filename="user-{user}.json"'}
    text = exported.model_dump_json(indent=2)
    return Response(text, mimetype="application/json", headers=headers)


@action(
    "/users/<id>/erase",
    "users.erase",
    USER,
    Question(
        _("Erase user %(name)s?"),
        _(
            "All stored data of the person in this mini-program is deleted, and the user is "
            "signed out. This cannot be undone."
        ),
        _("Erase the user"),
        context=_about,
    ),
)
def erase(user: str) -> Response:
    """Erase a user."""
    accounts = services.accounts
    actions.erase(services.watch.audit, accounts.directory, accounts.erasure, actor(), user)
    return done(url_for("console.users"), gettext("User %(user)s is erased.", user=user))
