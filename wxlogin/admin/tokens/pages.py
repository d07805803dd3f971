"""The pages of API tokens."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import form_data, query_data
from wxlogin.admin.console.labels import scopes
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.tokens import service
from wxlogin.admin.tokens.schemas import NewTokenBody
from wxlogin.clock import iso_unix
from wxlogin.guard.admin_gate import actor, permitted
from wxlogin.services import services

TOKEN = Subject(
    name=lambda token: services.operators.tokens.get(token).name,
    back=lambda _token: url_for("console.tokens"),
)


@console.get("/tokens")
@permitted("tokens.read")
def tokens() -> str:
    """List the API tokens."""
    found = service.list_tokens(services.operators.tokens, query_data(PageQuery))
    return page("tokens", tokens=found)


@console.get("/tokens/new")
@permitted("tokens.write")
def new_token() -> str:
    """Ask what a token is for and what it may do."""
    day, now = 86_400, services.clock()
    ends = [
        ("", gettext("After 90 days")),
        (iso_unix(now + 30 * day), gettext("After 30 days")),
        (iso_unix(now + 365 * day), gettext("After a year")),
    ]
    return page("new_token", scopes=scopes(), ends=ends)


@console.post("/tokens/new")
@permitted("tokens.write")
def create_token() -> str:
    """Create a token and show it, this once."""
    body = form_data(NewTokenBody, many="scopes")
    created = service.create(
        services.watch,
        services.operators.tokens,
        services.accounts.apps,
        services.clock,
        actor(),
        body,
    )
    title = gettext("The token of %(name)s", name=created.item.name)
    return page("shown_once", title=title, secret=created.token, back=url_for("console.tokens"))


@action(
    "/tokens/<id>/revoke",
    "tokens.write",
    TOKEN,
    Question(
        _("Revoke the token of %(name)s?"),
        _("The service that holds it is refused at once. This cannot be undone."),
        _("Revoke the token"),
    ),
)
def revoke_token(token: str) -> Response:
    """Revoke a token."""
    revoked = service.revoke(services.watch.audit, services.operators.tokens, actor(), token)
    text = gettext("The token of %(name)s is revoked.", name=revoked.name)
    return done(url_for("console.tokens"), text)
