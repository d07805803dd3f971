"""The pages of what operators do to several users at once; one confirmation names their number."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.notices import done, sessions_ended
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.console.selection import ask_about, kept_selection, selected_ids
from wxlogin.admin.users import actions
from wxlogin.admin.users.forms import BanForm, ban_body
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services

ACTS = {"kick": "console.ask_kick_selected", "ban": "console.ask_ban_selected"}
NAMED = 20
"""The page names so many of the users; the number it names is that of all."""


def users_page(_selection: str = "") -> str:
    """Return the URL of the list."""
    return url_for("console.users")


def _count(selection: str) -> str:
    number = len(kept_selection(selection))
    return str(ngettext("%(num)s user", "%(num)s users", number))


def _about(selection: str) -> dict[str, Any]:
    ids = kept_selection(selection)
    ends = sum(services.sessions.store.live.count_each(ids).values())
    names, more = nicknames(ids[:NAMED]), ["…"] if len(ids) > NAMED else []
    named = [f"{names[one]} ({one})" if one in names else one for one in ids[:NAMED]]
    return {
        "about": [
            ngettext("%(num)s session ends.", "%(num)s sessions end.", ends),
            ", ".join([*named, *more]),
        ],
    }


def _about_ban(selection: str) -> dict[str, Any]:
    directory = services.accounts.directory
    users = directory.profiles(kept_selection(selection)).values()
    linked = sum(len(directory.list_linked(user)) for user in users)
    return {**_about(selection), "linked": linked}


USERS = Subject(name=_count, back=users_page)


@console.post("/users/selected")
@permitted("users.kick")
def select_users() -> Response:
    """Lead to the page that asks before something is done to the users who were ticked."""
    endpoint = ACTS.get(request.form.get("act", ""), ACTS["kick"])
    return ask_about(endpoint, selected_ids(), users_page())


@action(
    "/users/selected/<selection>/kick",
    "users.kick",
    USERS,
    Question(
        _("Sign %(name)s out everywhere?"),
        _("They are signed out on every device and can sign in again."),
        _("Sign out everywhere"),
        context=_about,
    ),
)
def kick_selected(selection: str) -> Response:
    """End all sessions of several users."""
    ended = actions.kick_all(
        services.watch.audit,
        services.accounts.directory,
        services.accounts.session_revocation,
        actor(),
        kept_selection(selection),
    )
    return sessions_ended(users_page(), ended.ended)


@action(
    "/users/selected/<selection>/ban",
    "users.ban",
    USERS,
    Question(
        _("Ban %(name)s?"),
        _("They are signed out on every device, and told of the ban at every login."),
        _("Ban them"),
        template="ban",
        context=_about_ban,
    ),
)
def ban_selected(selection: str) -> Response:
    """Ban several users."""
    ids, body = kept_selection(selection), ban_body(form_data(BanForm), services.clock)
    accounts = services.accounts
    banned = actions.ban_all(
        services.watch.audit,
        accounts.directory,
        accounts.bans,
        services.clock,
        actor(),
        ids,
        body,
    )
    return done(users_page(), _banned(*banned))


def _banned(users: int, ended: int) -> str:
    banned = ngettext("%(num)s user is banned.", "%(num)s users are banned.", users)
    rest = ngettext("%(num)s session ended.", "%(num)s sessions ended.", ended)
    return str(gettext("%(banned)s %(rest)s", banned=banned, rest=rest))
