"""API tokens of other services."""

from __future__ import annotations

from flask import Response, url_for
from flask_babel import gettext

from wxlogin.admin.console.acts import Question, ask
from wxlogin.admin.console.answers import done
from wxlogin.admin.console.blueprint import console
from wxlogin.admin.console.forms import asked, sent
from wxlogin.admin.console.pages import page
from wxlogin.admin.console.words import scopes
from wxlogin.admin.paging import PageQuery
from wxlogin.admin.schemas.tokens import NewTokenBody
from wxlogin.admin.service import tokens as service
from wxlogin.engines import engines
from wxlogin.guard.operators import actor, permitted


@console.get("/tokens")
@permitted("tokens.read")
def tokens() -> str:
    """List the API tokens."""
    return page("tokens", tokens=service.list_tokens(asked(PageQuery)))


@console.get("/tokens/new")
@permitted("tokens.write")
def new_token() -> str:
    """Ask what a token is for and what it may do."""
    return page("new_token", scopes=scopes())


@console.post("/tokens/new")
@permitted("tokens.write")
def create_token() -> str:
    """Make a token and show it, this once."""
    made = service.create(engines, actor(), sent(NewTokenBody, many="scopes"))
    title = gettext("The token of %(name)s", name=made.item.name)
    return page("shown_once", title=title, secret=made.token, back=url_for("console.tokens"))


@console.get("/tokens/<id>/revoke")
@permitted("tokens.write")
def ask_revoke_token(id: str) -> str:  # noqa: A002  the API's word
    """Ask whether to revoke a token."""
    name = engines.operators.tokens.known(id).name
    return ask(
        Question(
            gettext("Revoke the token of %(name)s?", name=name),
            gettext("The service that holds it is refused at once. This cannot be undone."),
            gettext("Revoke the token"),
            url_for("console.tokens"),
        )
    )


@console.post("/tokens/<id>/revoke")
@permitted("tokens.write")
def revoke_token(id: str) -> Response:  # noqa: A002  the API's word
    """Revoke a token."""
    name = service.revoke(engines, actor(), id).name
    return done(url_for("console.tokens"), gettext("The token of %(name)s is revoked.", name=name))
