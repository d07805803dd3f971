"""What operators do to one user."""

from __future__ import annotations

from typing import Literal

from flask import Response, url_for
from flask_babel import gettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import done, ended
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.schemas.users import BanBody, Reason, RevealBody
from wxlogin.admin.service import user_acts as service
from wxlogin.admin.service import user_export
from wxlogin.clock import iso, milliseconds
from wxlogin.engines import engines
from wxlogin.guard.bodies import Body
from wxlogin.guard.operators import actor, permitted


class BanForm(Body):
    """Why a user is banned, and for how many seconds; for ever where that is left out."""

    reason: Reason
    lasts: Literal["3600", "86400", "259200", "604800", "2592000", "31536000"] | None = None


@console.get("/users/<id>/kick")
@permitted("users.kick")
def ask_kick(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to end all sessions of a user."""
    return ask(
        _question(
            id,
            gettext("End all sessions of user %(user)s?", user=id),
            gettext("The user is signed out on every device and can sign in again."),
            gettext("End all sessions"),
        )
    )


@console.post("/users/<id>/kick")
@permitted("users.kick")
def kick(id: str) -> Response:  # noqa: A002  the API's word
    """End all sessions of a user."""
    return ended(_back(id), service.kick(engines, actor(), id).ended)


@console.get("/users/<id>/ban")
@permitted("users.ban")
def ask_ban(id: str) -> str:  # noqa: A002  the API's word
    """Ask why and for how long to ban a user."""
    question = _question(
        id,
        gettext("Ban user %(user)s?", user=id),
        gettext("The user is signed out on every device, and told of the ban at every login."),
        gettext("Ban the user"),
    )
    return ask(question, "ban")


@console.post("/users/<id>/ban")
@permitted("users.ban")
def ban(id: str) -> Response:  # noqa: A002  the API's word
    """Ban a user."""
    form = sent(BanForm)
    body = BanBody.model_validate({"reason": form.reason, "until": _end(form.lasts)})
    service.ban(engines, actor(), id, body)
    return done(_back(id), gettext("User %(user)s is banned.", user=id))


@console.get("/users/<id>/unban")
@permitted("users.ban")
def ask_unban(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to lift a ban."""
    return ask(
        _question(
            id,
            gettext("Lift the ban of user %(user)s?", user=id),
            gettext("The user can sign in again at once."),
            gettext("Lift the ban"),
            danger=False,
        )
    )


@console.post("/users/<id>/unban")
@permitted("users.ban")
def unban(id: str) -> Response:  # noqa: A002  the API's word
    """Lift a ban."""
    service.unban(engines, actor(), id)
    return done(_back(id), gettext("User %(user)s can sign in again.", user=id))


@console.get("/users/<id>/reset-session-key")
@permitted("users.reset_key")
def ask_reset_key(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to have the session_key replaced."""
    return ask(
        _question(
            id,
            gettext("Reset the session_key of user %(user)s?", user=id),
            gettext("WeChat makes a new one, which is kept instead. Nobody is signed out."),
            gettext("Reset the session_key"),
        )
    )


@console.post("/users/<id>/reset-session-key")
@permitted("users.reset_key")
def reset_key(id: str) -> Response:  # noqa: A002  the API's word
    """Have the session_key replaced."""
    service.reset_session_key(engines, actor(), id)
    return done(
        _back(id), gettext("WeChat has replaced the session_key of user %(user)s.", user=id)
    )


@console.get("/users/<id>/reveal")
@permitted("users.reveal")
def ask_reveal(id: str) -> str:  # noqa: A002  the API's word
    """Ask why somebody needs to see what is masked."""
    question = _question(
        id,
        gettext("Show openid and phone number of user %(user)s?", user=id),
        gettext("Your name and the reason are written into the audit trail."),
        gettext("Show them"),
        danger=False,
    )
    return ask(question, "reason")


@console.post("/users/<id>/reveal")
@permitted("users.reveal")
def reveal(id: str) -> str:  # noqa: A002  the API's word
    """Show what is masked elsewhere."""
    return page("revealed", id=id, shown=service.reveal(engines, actor(), id, sent(RevealBody)))


@console.get("/users/<id>/export")
@permitted("users.export")
def ask_export(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to export a person's data."""
    return ask(
        _question(
            id,
            gettext("Export all data of user %(user)s?", user=id),
            gettext(
                "You get a file with everything that is held of the person, in clear. Give it "
                "to nobody else."
            ),
            gettext("Download the file"),
            danger=False,
        )
    )


@console.post("/users/<id>/export")
@permitted("users.export")
def export(id: str) -> Response:  # noqa: A002  the API's word
    """Give a person's data as a file."""
    told = user_export.export(engines, actor(), id).model_dump_json(indent=2)
    named = {"Content-Disposition": f'attachment; filename="user-{id}.json"'}
    return Response(told, mimetype="application/json", headers=named)


@console.get("/users/<id>/erase")
@permitted("users.erase")
def ask_erase(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to erase a person's data."""
    return ask(
        _question(
            id,
            gettext("Erase user %(user)s?", user=id),
            gettext(
                "Everything that is held of the person in this mini-program goes, and the user "
                "is signed out. This cannot be undone."
            ),
            gettext("Erase the user"),
        )
    )


@console.post("/users/<id>/erase")
@permitted("users.erase")
def erase(id: str) -> Response:  # noqa: A002  the API's word
    """Erase a person's data."""
    service.erase(engines, actor(), id)
    return done(url_for("console.users"), gettext("User %(user)s is erased.", user=id))


def _back(user: str) -> str:
    return url_for("console.user", id=user)


def _question(user: str, title: str, text: str, button: str, *, danger: bool = True) -> Question:
    engines.people.get(user)
    return Question(title, text, button, _back(user), danger)


def _end(lasts: str | None) -> str | None:
    return iso(milliseconds(engines.clock) + int(lasts) * 1000) if lasts else None
