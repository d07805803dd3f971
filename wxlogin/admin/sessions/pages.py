"""The pages of live sessions."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import query_data
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.sessions import service
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.guard.audited_reads import audited_read
from wxlogin.services import services
from wxlogin.sessions.live import parse_handle


def user_of(session: str) -> str:
    """Return the id of a session's user, empty if the handle is none."""
    return (parse_handle(session) or ("",))[0]


def user_page(session: str) -> str:
    """Return the URL of the page of a session's user."""
    user = user_of(session)
    return url_for("console.user", id=user) if user else url_for("console.sessions")


@console.get("/sessions")
@permitted("sessions.read")
@audited_read("session.list")
def sessions() -> str:
    """List the live sessions, newest first."""
    found = service.list_live(services.sessions.store, query_data(PageQuery))
    return page("sessions", sessions=found)


@action(
    "/sessions/<id>/end",
    "sessions.end",
    Subject(name=user_of, back=user_page),
    Question(
        _("End this session of user %(name)s?"),
        _("The mini-program there is signed out with its next request."),
        _("End the session"),
    ),
)
def end_session(session: str) -> Response:
    """End a session."""
    service.end(services.watch.audit, services.sessions.store, actor(), session)
    return done(url_for("console.sessions"), gettext("The session has ended."))
