"""The pages of live sessions."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console import labels
from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import filtered, list_query
from wxlogin.admin.console.labels import device_name
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.console.people import nicknames
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.sessions import service
from wxlogin.admin.sessions.schemas import SESSIONS, TimedSessionQuery
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
    query, store = list_query(TimedSessionQuery), services.sessions.store
    found = service.list_live(store, query, query.limit, query.position(int, str)).page()
    return page(
        "sessions",
        sessions=found,
        names=nicknames(one.user for one in found.items),
        total=service.count_live(store, query),
        query=query,
        platforms=list(labels.PLATFORMS.items()),
        apps=services.accounts.apps.all().values(),
    )


@console.post("/sessions")
@permitted("sessions.read")
def filter_sessions() -> Response:
    """Lead to the live sessions that a filter wants."""
    return filtered(TimedSessionQuery, url_for("console.sessions"))


@console.post("/sessions.csv")
@permitted("sessions.read")
def sessions_csv() -> Response:
    """Return the live sessions of a page's filter as a file."""
    query = list_query(TimedSessionQuery)
    read = partial(service.list_live, services.sessions.store, query)
    return list_file(SESSIONS, query, read, services.watch, services.limits.rates)


def _about(session: str) -> dict[str, Any]:
    user, sid = parse_handle(session) or ("", "")
    found = [one for one in services.sessions.store.list(user) if one.sid == sid] if user else []
    return {
        "about": [
            " · ".join((device_name(one.platform, one.name), labels.region(one.region), one.ip))
            for one in found
        ]
    }


@action(
    "/sessions/<id>/end",
    "sessions.end",
    Subject(name=user_of, back=user_page),
    Question(
        _("End this session of user %(name)s?"),
        _("The mini-program there is signed out with its next request."),
        _("End the session"),
        context=_about,
    ),
)
def end_session(session: str) -> Response:
    """End a session."""
    service.end(services.watch.audit, services.sessions.store, actor(), session)
    return done(url_for("console.sessions"), gettext("The session has ended."))
