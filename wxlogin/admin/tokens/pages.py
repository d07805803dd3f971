"""The pages of API tokens."""

from __future__ import annotations

from functools import partial

from flask import Response, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from wxlogin.admin.console.actions import Question, Subject, action
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.filtering import list_query
from wxlogin.admin.console.forms import form_data
from wxlogin.admin.console.labels import scopes
from wxlogin.admin.console.layout import page
from wxlogin.admin.console.notices import done
from wxlogin.admin.list_answers import list_file
from wxlogin.admin.tokens import service
from wxlogin.admin.tokens.schemas import TOKENS, NewTokenBody, TokenQuery
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
    query, issued, clock = list_query(TokenQuery), services.operators.tokens, services.clock
    found = service.list_tokens(issued, clock, query, query.limit, query.position(int)).page()
    return page(
        "tokens",
        tokens=found,
        total=service.count_tokens(issued, clock, query),
        query=query,
        scopes=scopes(),
    )


@console.post("/tokens.csv")
@permitted("tokens.read")
def tokens_csv() -> Response:
    """Return the API tokens of a page's filter as a file."""
    query = list_query(TokenQuery)
    read = partial(service.list_tokens, services.operators.tokens, services.clock, query)
    return list_file(TOKENS, query, read, services.watch, services.limits.rates)


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
