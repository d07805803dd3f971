"""Live sessions of all users."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import done
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked
from wxlogin.admin.console.pages import page
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.service import sessions as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted
from wxlogin.sessions.live import named


@console.get("/sessions")
@permitted("sessions.read")
def sessions() -> str:
    """List the live sessions, newest first."""
    return page("sessions", sessions=service.live(engines, asked(PageQuery)))


@console.get("/sessions/<id>/end")
@permitted("sessions.end")
def ask_end_session(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to end a session."""
    user = (named(id) or ("",))[0]
    return ask(
        Question(
            gettext("End this session of user %(user)s?", user=user),
            gettext("The mini-program there is signed out with its next request."),
            gettext("End the session"),
            url_for("console.user", id=user) if user else url_for("console.sessions"),
        )
    )


@console.post("/sessions/<id>/end")
@permitted("sessions.end")
def end_session(id: str) -> Response:  # noqa: A002  the API's word
    """End a session."""
    service.end(engines, actor(), id)
    return done(url_for("console.sessions"), gettext("The session has ended."))
